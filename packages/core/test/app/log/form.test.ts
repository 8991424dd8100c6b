import { assert, describe, it } from "@effect/vitest"
import { type Entry, json, pretty } from "../../../src/app/LogSink.ts"

const entry: Entry = {
  time: "2026-01-15T10:30:45.123Z",
  level: "Warn",
  category: "request",
  message: "slow answer",
  fields: { route: "/a b", durationMillis: 12.5, tags: ["x"] },
  correlationId: "corr-1",
  requestId: "req-1",
  fiber: 7,
  spans: { outer: 5 },
  error: {
    name: "TypeError",
    message: "no\nway",
    stack:
      "TypeError: no\nway\n    at run (/app/src/a.ts:1:2)\n    at fiber (/app/node_modules/effect/dist/internal/effect.js:1:1)",
    cause: { code: "DB_GONE", message: "gone", details: { port: 5432 } }
  },
  suppressed: 3
}

describe("JSON", () => {
  it("is one object a line, in a fixed order", () => {
    assert.strictEqual(
      json(entry),
      `{"time":"2026-01-15T10:30:45.123Z","level":"warn","category":"request","message":"slow answer","fields":{"route":"/a b","durationMillis":12.5,"tags":["x"]},"correlationId":"corr-1","requestId":"req-1","fiber":7,"spans":{"outer":5},"error":{"name":"TypeError","message":"no\\nway","stack":"TypeError: no\\nway\\n    at run (/app/src/a.ts:1:2)\\n    at fiber (/app/node_modules/effect/dist/internal/effect.js:1:1)","cause":{"code":"DB_GONE","message":"gone","details":{"port":5432}}},"suppressed":3}`
    )
  })

  it("has no character that ends a line or commands a terminal", () => {
    const message = `a\n\u001b[2J\u009b2J\u2028\u2029\u007f`
    const text = json({ ...entry, message })
    assert.notMatch(text, /[\p{Cc}\p{Zl}\p{Zp}]/u)
    assert.strictEqual((JSON.parse(text) as { message: string }).message, message)
  })
})

describe("pretty", () => {
  it("is a line, and what went wrong below it", () => {
    assert.strictEqual(
      pretty(entry),
      [
        `10:30:45.123 WARN  request     slow answer  route="/a b" durationMillis=12.5 ms tags=["x"]  outer=5ms  (corr-1, req-1)  (3 like it left out)`,
        "    TypeError: no",
        "    way",
        "      at run (/app/src/a.ts:1:2)",
        "    caused by gone [DB_GONE]",
        "    port=5432"
      ].join("\n")
    )
  })

  it("has local time", () => {
    assert.match(pretty(entry, { offsetMinutes: -120 }), /^12:30:45\.123 /)
    assert.match(pretty(entry, { offsetMinutes: 660 }), /^23:30:45\.123 /)
  })

  it("has colours where it is told to", () => {
    assert.include(pretty(entry, { colors: true }), "\u001b[33mWARN \u001b[39m")
    assert.notInclude(pretty(entry), "\u001b")
  })

  it("shows what a stranger wrote instead of doing it", () => {
    const evil = `ada\n10:30:45.123 INFO  security     forged\u001b[2J\u202e\u009b1m`
    const lines = pretty({
      ...entry,
      message: evil,
      fields: { [evil]: evil },
      correlationId: evil,
      error: { message: evil, code: evil }
    }).split("\n")
    assert.strictEqual(lines.length, 3)
    for (const line of lines) assert.notMatch(line, /[\p{Cc}\u202e]/u)
    assert.deepStrictEqual(lines.filter((line) => /^\d/.test(line)).length, 1)
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as fc from "fast-check"
import { Bounded, bounds } from "../../../src/app/internal/log/bounded.ts"
import { SecretText } from "../../../src/app/internal/log/SecretText.ts"

const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify({ value: new Bounded(new SecretText()).value(value) })).value

describe("values of a line", () => {
  it("stay what they are where they are plain", () => {
    const value = { a: 1, b: "two", c: [true, null, 1.5], d: { e: {} } }
    assert.deepStrictEqual(plain(value), value)
  })

  it("that JSON does not know are told in words", () => {
    assert.deepStrictEqual(
      plain({
        big: 12n,
        nan: Number.NaN,
        symbol: Symbol("s"),
        named: function work() {},
        map: new Map<unknown, unknown>([
          ["a", 1],
          [{}, 2]
        ]),
        set: new Set([1, 2]),
        when: new Date(0),
        url: new URL("https://example.org/a"),
        bytes: new Uint8Array(3),
        buffer: Buffer.from("secret"),
        raw: new ArrayBuffer(9),
        some: Option.some(1),
        headers: new Headers({ accept: "x" }),
        took: Duration.millis(5),
        none: undefined
      }),
      {
        big: "12",
        nan: "NaN",
        symbol: "Symbol(s)",
        named: "<function work>",
        map: { a: 1, "<object>": 2 },
        set: [1, 2],
        when: "1970-01-01T00:00:00.000Z",
        url: "https://example.org/a",
        bytes: "<3 bytes>",
        buffer: "<6 bytes>",
        raw: "<9 bytes>",
        some: { _id: "Option", _tag: "Some", value: 1 },
        headers: { accept: "x" },
        took: { _id: "Duration", _tag: "Millis", millis: 5 }
      }
    )
  })

  it("may contain themselves, have getters that throw, be proxies that refuse everything", () => {
    const cyclic: Record<string, unknown> = { a: 1 }
    cyclic.self = cyclic
    cyclic.list = [cyclic]
    assert.deepStrictEqual(plain(cyclic), { a: 1, self: "<circular>", list: ["<circular>"] })
    const trap = () => assert.fail("no")
    const hostile = {
      get bad() {
        return trap()
      },
      proxy: new Proxy({}, { get: trap, ownKeys: trap, getPrototypeOf: trap, has: trap }),
      json: { toJSON: trap },
      date: new Date(Number.NaN),
      revoked: (() => {
        const { proxy, revoke } = Proxy.revocable({}, {})
        revoke()
        return proxy
      })()
    }
    assert.deepStrictEqual(plain(hostile), {
      bad: "<threw>",
      proxy: "<threw>",
      json: "<threw>",
      date: null,
      revoked: "<threw>"
    })
  })

  it("are bounded in depth, width, number and length", () => {
    let deep: unknown = "end"
    for (let i = 0; i < 10_000; i++) deep = { deep }
    assert.isBelow(JSON.stringify(plain(deep)).length, 200)
    const wide = plain({
      list: Array.from({ length: 1e6 }, (_, i) => i),
      keys: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i]))
    })
    const { keys, list } = wide as { readonly list: ReadonlyArray<unknown>; readonly keys: Record<string, unknown> }
    assert.strictEqual(list.length, bounds.width + 1)
    assert.strictEqual(list.at(-1), "… 999950 more")
    assert.strictEqual(keys["…"], "950 more")
    const long = plain("x".repeat(10_000_000)) as string
    assert.strictEqual(long, `${"x".repeat(bounds.text)}… (10000000 characters)`)
    const square = Array.from({ length: 50 }, () =>
      Array.from({ length: 50 }, () => Array.from({ length: 50 }, () => 1))
    )
    assert.isBelow(JSON.stringify(plain(square)).length, 40_000)
  })

  it("that are errors tell name, code, message and a bounded chain of causes", () => {
    let error = new Error("0")
    for (let i = 1; i < 100; i++) error = new Error(String(i), { cause: error })
    const chain = JSON.stringify(plain(error))
    assert.include(chain, `"message":"99"`)
    assert.isBelow(chain.match(/message/g)?.length ?? 0, 10)
    const own = new Error("self")
    own.cause = own
    assert.deepStrictEqual(plain(own), { name: "Error", message: "self", cause: { message: "<circular>" } })
    const system = Object.assign(new Error("connect failed"), { code: "ECONNREFUSED", port: 5432 })
    assert.deepStrictEqual(plain(system), {
      name: "Error",
      code: "ECONNREFUSED",
      message: "connect failed",
      details: { port: 5432 }
    })
    class Hostile extends Error {
      override get message(): string {
        throw new Error("no message")
      }
    }
    assert.deepStrictEqual(plain(new Hostile()), { name: "Error", message: "<threw>" })
  })

  it("under keys that sound secret are hidden, as pairs and labelled values too", () => {
    const pairs = [
      ["authorization", "Bearer a"],
      ["accept", "b"]
    ]
    assert.deepStrictEqual(
      plain({
        password: "a",
        userPassword: 12,
        api_key: { deep: "a" },
        "x-api-key": "a",
        cookie: ["a"],
        hasToken: true,
        token: null,
        pairs,
        parameter: { name: "secret", value: "a" },
        redacted: Redacted.make("a"),
        map: new Map([["credentials", "a"]])
      }),
      {
        password: "<redacted>",
        userPassword: "<redacted>",
        api_key: "<redacted>",
        "x-api-key": "<redacted>",
        cookie: "<redacted>",
        hasToken: true,
        token: null,
        pairs: [
          ["authorization", "<redacted>"],
          ["accept", "b"]
        ],
        parameter: { name: "secret", value: "<redacted>" },
        redacted: "<redacted>",
        map: { credentials: "<redacted>" }
      }
    )
  })

  it("of any kind become data that JSON takes, and never throw", () => {
    void fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withNullPrototype: true,
          withSparseArray: true
        }),
        (value) => {
          const text = JSON.stringify({ value: new Bounded(new SecretText()).value(value) })
          JSON.parse(text)
          assert.isBelow(text.length, bounds.values * (bounds.text + bounds.key))
        }
      ),
      { numRuns: 500 }
    )
  })
})

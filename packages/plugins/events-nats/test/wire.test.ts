import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import type { Outgoing } from "@mortise/core/events/Broker"
import { headers, type MsgHdrs } from "@nats-io/nats-core"
import { Arrived } from "../src/internal/Arrived.ts"
import { body, bodyText, parse } from "../src/internal/body.ts"
import { Frames } from "../src/internal/Frames.ts"
import { headersOf, headerText, readHeaders } from "../src/internal/headers.ts"

const event = (more: Partial<Outgoing> = {}): Outgoing => ({
  id: "a1b2-3",
  subject: "said",
  time: 1_764_000_000_123,
  correlationId: "a1b2-3",
  causationId: undefined,
  version: 1,
  payload: { n: 1 },
  value: undefined,
  codec: undefined,
  ...more
})
const events: ReadonlyArray<Outgoing> = [
  event(),
  event({ correlationId: "chain" }),
  event({ correlationId: "çhain ☃", causationId: "a1b2-2", version: 7 }),
  event({ correlationId: "x\r\nEvil: 1\r\n\r\nbody", causationId: "y\nEvil: 2" })
]
/** What the official client makes of headers. */
const encoded = (made: MsgHdrs): string =>
  Buffer.from((made as MsgHdrs & { readonly encode: () => Uint8Array }).encode()).toString()

describe("headers", () => {
  it("are the bytes that the official client writes", () => {
    for (const one of events) assert.equal(headerText(one), encoded(headersOf(one)))
  })

  it("never have a line that came out of a value", () => {
    for (const one of events) assert.doesNotMatch(headerText(one), /^Evil/m)
  })

  it("are read back", () => {
    const [, , third] = events
    assert.ok(third)
    const { causationId, correlationId, id, time, version } = third
    assert.deepEqual(readHeaders(headersOf(third)), { causationId, correlationId, id, time, version })
  })

  it("of strangers are taken as far as they make sense", () => {
    const theirs = headers()
    theirs.set("Nats-Msg-Id", "x".repeat(257))
    theirs.set("Mortise-Time", "yesterday")
    theirs.set("Mortise-Version", "-1")
    const nothing = {
      causationId: undefined,
      correlationId: undefined,
      id: undefined,
      time: undefined,
      version: undefined
    }
    assert.deepEqual(readHeaders(theirs), nothing)
    assert.deepEqual(readHeaders(undefined), nothing)
  })
})

describe("a body", () => {
  it("is read as what was written", () => {
    for (const payload of [{ text: "hé ☃ 𝄞" }, { text: "\ufffd" }, [], "", 0, null, { "": [1.5, true] }])
      assert.deepEqual(parse(body(payload)), { payload, malformed: undefined })
    assert.deepEqual(parse(body(undefined)), { payload: null, malformed: undefined })
  })

  it("may begin with a byte order mark", () => {
    assert.deepEqual(parse(Buffer.from("\ufeff[1]")).payload, [1])
  })

  it("says what is wrong with it, without repeating it", () => {
    const secret = Buffer.from(`{"password":"hunter2"`)
    assert.deepEqual(parse(secret), { payload: undefined, malformed: "the body is no JSON" })
    const broken = Buffer.concat([Buffer.from(`{"a":"`), Buffer.from([0xff, 0xc0]), Buffer.from(`"}`)])
    assert.deepEqual(parse(broken), { payload: undefined, malformed: "the body is no UTF-8" })
    assert.deepEqual(parse(new Uint8Array(0)), { payload: undefined, malformed: "the body is empty" })
  })
})

describe("a frame", () => {
  /** As a server takes it apart: the lengths count bytes. */
  const taken = (bytes: Uint8Array) => {
    const all = Buffer.from(bytes)
    const line = all.indexOf("\r\n")
    const [command, subject, before, total] = all.subarray(0, line).toString().split(" ")
    const rest = all.subarray(line + 2)
    assert.equal(command, "HPUB")
    assert.equal(rest.length, Number(total) + 2)
    assert.equal(rest.subarray(Number(total)).toString(), "\r\n")
    const header = rest.subarray(0, Number(before)).toString()
    return { subject, header, body: rest.subarray(Number(before), Number(total)).toString(), total: Number(total) }
  }

  it("says how many bytes its header and its body have, and shares pages with others", () => {
    const frames = new Frames()
    const made = Array.from({ length: 5000 }, (_, i) => {
      const one = event({ id: `a1b2-${i}`, correlationId: i % 5 === 0 ? "çhain ☃" : `a1b2-${i}` })
      const text = bodyText({ i, text: (i % 3 === 0 ? "é" : "e").repeat(i % 97) })
      return { header: headerText(one), text, frame: frames.frame(`s.${i % 7}`, headerText(one), text) }
    })
    const long = bodyText("☃".repeat(9000))
    made.push({ header: headerText(event()), text: long, frame: frames.frame("s.1", headerText(event()), long) })
    for (const [i, { frame, header, text }] of made.entries()) {
      const found = taken(frame.bytes)
      assert.deepEqual(found, { subject: `s.${i === 5000 ? 1 : i % 7}`, header, body: text, total: frame.payload })
    }
  })
})

describe("a message that has come", () => {
  const source = { unnamed: () => "made-up", respond: undefined }

  it("is read where somebody looks, and once", () => {
    const looks = { data: 0, headers: 0 }
    const message = {
      get data() {
        looks.data++
        return body({ n: 1 })
      },
      get headers() {
        looks.headers++
        return headersOf(event())
      }
    }
    const arrived = new Arrived(source, "said", message, 5)
    assert.deepEqual([arrived.malformed, arrived.payload, arrived.payload], [undefined, { n: 1 }, { n: 1 }])
    assert.deepEqual(looks, { data: 1, headers: 0 })
    assert.deepEqual(
      [arrived.id, arrived.correlationId, arrived.causationId, arrived.time, arrived.version],
      ["a1b2-3", "a1b2-3", undefined, 1_764_000_000_123, 1]
    )
    assert.deepEqual(looks, { data: 1, headers: 1 })
  })

  it("has one id however often it is asked, and the time of its arrival", () => {
    let made = 0
    const arrived = new Arrived({ ...source, unnamed: () => `made-${++made}` }, "said", { data: body(1) }, 5)
    assert.deepEqual([arrived.correlationId, arrived.id, arrived.id, arrived.time], ["made-1", "made-1", "made-1", 5])
  })
})

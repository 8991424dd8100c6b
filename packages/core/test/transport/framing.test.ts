import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import * as Framing from "../../src/transport/Framing.ts"

const encode = (framing: Framing.Framing, payload: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(framing.headerBytes + payload.length + framing.trailerBytes)
  framing.writeHeader(bytes, 0, payload.length)
  bytes.set(payload, framing.headerBytes)
  framing.writeTrailer(bytes, framing.headerBytes + payload.length)
  return bytes
}

const join = (parts: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat(parts))

/** Pushes all chunks and gives copies of the frames. */
const split = (reader: Framing.FrameReader, chunks: ReadonlyArray<Uint8Array>): Array<Uint8Array> => {
  const frames: Array<Uint8Array> = []
  for (const chunk of chunks)
    reader.push(chunk, 0, (bytes, start, end) => void frames.push(new Uint8Array(bytes.subarray(start, end))))
  return frames
}

/** Cuts `bytes` at the given places. */
const cut = (bytes: Uint8Array, at: ReadonlyArray<number>): Array<Uint8Array> => {
  const places = [0, ...[...new Set(at.map((n) => n % (bytes.length + 1)))].sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, i) => bytes.slice(places[i], end))
}

const text = (s: string): Uint8Array => new TextEncoder().encode(s)

const lengthNames = Framing.framingNames.filter((name) => name !== "newline")

describe("Framing.lengthPrefixed", () => {
  it("writes the header that its name says", () => {
    const header = (name: Framing.FramingName) => {
      const framing = Framing.byName(name, { maxFrameBytes: 0x7fffffff })
      const bytes = new Uint8Array(framing.headerBytes + 2).fill(0xee)
      framing.writeHeader(bytes, 1, 0x01020304)
      return Buffer.from(bytes).toString("hex")
    }
    assert.equal(header("u32-be"), "ee01020304ee")
    assert.equal(header("u32-le"), "ee04030201ee")
    assert.equal(header("u64-be"), "ee0000000001020304ee")
    assert.equal(header("u64-le"), "ee0403020100000000ee")
  })

  it("gives offsets into the chunk, not copies", () => {
    const framing = Framing.standard
    const chunk = join([encode(framing, text("one")), encode(framing, text("two!"))])
    const seen: Array<readonly [Uint8Array, number, number]> = []
    const end = framing.makeReader().push(chunk, 0, (bytes, start, end) => void seen.push([bytes, start, end]))
    assert.equal(end, chunk.length)
    assert.deepEqual(
      seen.map(([bytes, start, end]) => [bytes === chunk, start, end]),
      [
        [true, 4, 7],
        [true, 11, 15]
      ]
    )
  })

  it("holds nothing between frames", () => {
    for (const name of Framing.framingNames) {
      const framing = Framing.byName(name)
      const reader = framing.makeReader()
      const bytes = encode(framing, text("hello"))
      split(reader, [bytes.slice(0, framing.headerBytes + 3)])
      assert.ok(reader.isWithinFrame, name)
      split(reader, [bytes.slice(framing.headerBytes + 3)])
      assert.equal(reader.heldBytes, 0, name)
      assert.equal(reader.isWithinFrame, false, name)
    }
  })

  it("is within a frame as soon as a part of its header has come", () => {
    const reader = Framing.standard.makeReader()
    split(reader, [Uint8Array.of(0)])
    assert.equal(reader.isWithinFrame, true)
    assert.equal(reader.heldBytes, 0)
  })

  it("allocates with the bytes that come, not with the length that is announced", () => {
    const max = 512 * 1024 * 1024
    for (const name of lengthNames) {
      const framing = Framing.byName(name, { maxFrameBytes: max })
      const header = new Uint8Array(framing.headerBytes)
      framing.writeHeader(header, 0, max)
      const before = process.memoryUsage().arrayBuffers
      const readers = Array.from({ length: 100 }, () => framing.makeReader())
      for (const reader of readers) split(reader, [join([header, new Uint8Array(100)])])
      const grown = process.memoryUsage().arrayBuffers - before
      assert.ok(grown < 1024 * 1024, `${grown} bytes for 100 announced frames of ${max}`)
      assert.ok(readers.every((reader) => reader.heldBytes === 100))
    }
  })

  it("refuses a frame over the limit from its header alone", () => {
    for (const name of lengthNames) {
      const framing = Framing.byName(name, { maxFrameBytes: 1000 })
      const header = new Uint8Array(framing.headerBytes)
      framing.writeHeader(header, 0, 1001)
      for (const chunks of [[header], [...header].map((byte) => Uint8Array.of(byte))]) {
        const reader = framing.makeReader()
        const frames = split(reader, [encode(framing, text("before")), ...chunks, encode(framing, text("after"))])
        assert.equal(frames.length, 1, "nothing after the failure")
        assert.equal(reader.failure?.reason, "too-large")
        assert.equal(reader.failure?.closeCode, 1009)
        assert.match(reader.failure?.message ?? "", /1001 bytes was announced; the limit is 1000/)
        assert.equal(reader.heldBytes, 0)
      }
    }
  })

  it("takes a frame of exactly the limit", () => {
    for (const name of lengthNames) {
      const framing = Framing.byName(name, { maxFrameBytes: 1000 })
      const reader = framing.makeReader()
      assert.equal(split(reader, [encode(framing, new Uint8Array(1000))]).length, 1)
      assert.equal(reader.failure, undefined)
    }
  })

  it("refuses lengths of 2^31, 2^32, 2^53, 2^63 and 2^64 - 1, whole and byte by byte", () => {
    for (const [name, big] of [
      ["u64-be", true],
      ["u64-le", false]
    ] as const) {
      const framing = Framing.byName(name, { maxFrameBytes: 0x7fffffff })
      for (const length of [
        2n ** 31n,
        2n ** 32n,
        2n ** 32n + 5n,
        2n ** 53n,
        2n ** 53n + 1n,
        2n ** 63n,
        2n ** 64n - 1n
      ]) {
        const header = Buffer.alloc(8)
        if (big) header.writeBigUInt64BE(length)
        else header.writeBigUInt64LE(length)
        for (const chunks of [[header], [...header].map((byte) => Uint8Array.of(byte))]) {
          const reader = framing.makeReader()
          assert.equal(split(reader, [...chunks, new Uint8Array(100)]).length, 0)
          assert.equal(reader.failure?.reason, "too-large", `${name} ${length}`)
        }
      }
    }
  })

  it("refuses a u32 with its top bit set", () => {
    for (const [name, header] of [
      ["u32-be", [0x80, 0, 0, 0]],
      ["u32-le", [0, 0, 0, 0x80]]
    ] as const) {
      for (const chunks of [[Uint8Array.from(header)], header.map((byte) => Uint8Array.of(byte))]) {
        const reader = Framing.byName(name, { maxFrameBytes: 0x7fffffff }).makeReader()
        split(reader, chunks)
        assert.equal(reader.failure?.reason, "too-large")
      }
    }
  })

  it("takes only limits that it can keep", () => {
    for (const maxFrameBytes of [0, -1, 1.5, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY]) {
      assert.throws(() => Framing.lengthPrefixed({ bytes: 4, endian: "big", maxFrameBytes }), RangeError)
      assert.throws(() => Framing.newline({ maxFrameBytes }), RangeError)
    }
  })
})

describe("Framing.newline", () => {
  const framing = Framing.newline({ maxFrameBytes: 10 })
  const lines = (...chunks: ReadonlyArray<string>) => {
    const reader = framing.makeReader()
    const frames = split(reader, chunks.map(text)).map((frame) => new TextDecoder().decode(frame))
    return { frames, reader }
  }

  it("splits at LF and drops one CR before it", () => {
    assert.deepEqual(lines("a\nb\r\n\n\r\nc\r\r\nd\re\n").frames, ["a", "b", "", "", "c\r", "d\re"])
  })

  it("joins lines and line ends that are cut anywhere", () => {
    const stream = "a\r\n\nbcd\r\nefghij\n"
    for (let i = 0; i <= stream.length; i++) {
      assert.deepEqual(lines(stream.slice(0, i), stream.slice(i)).frames, ["a", "", "bcd", "efghij"], `cut at ${i}`)
    }
    assert.deepEqual(lines(...stream).frames, ["a", "", "bcd", "efghij"])
  })

  it("refuses a line over the limit, whether or not its end has come", () => {
    for (const chunks of [
      ["12345678901\n"],
      ["123456789012"],
      ["1234567890", "12"],
      ["1234567890", "1\n"],
      ["12345678901\r\n"],
      [..."123456789012"]
    ]) {
      const { reader, frames } = lines("ok\n", ...chunks, "after\n")
      assert.equal(reader.failure?.reason, "too-large", JSON.stringify(chunks))
      assert.deepEqual(frames, ["ok"])
    }
  })

  it("takes a line of exactly the limit, its CR apart", () => {
    for (const chunks of [["1234567890\n"], ["1234567890\r\n"], ["1234567890", "\r", "\n"], ["1234567890\r", "\n"]]) {
      const { reader, frames } = lines(...chunks)
      assert.equal(reader.failure, undefined)
      assert.deepEqual(frames, ["1234567890"])
    }
  })

  it("carries only what arrives as it was", () => {
    const can = (s: string) => framing.canCarry?.(text(`..${s}\n`), 2, 2 + text(s).length)
    assert.equal(can("plain"), true)
    assert.equal(can(""), true)
    assert.equal(can("a\rb"), true)
    assert.equal(can("a\nb"), false)
    assert.equal(can("\n"), false)
    assert.equal(can("a\r"), false)
  })
})

describe("every framing", () => {
  const stoppable = (name: Framing.FramingName) => {
    const framing = Framing.byName(name)
    const payloads = ["a", "bb", "", "dddd", "eeeee"].map(text)
    return { framing, payloads, stream: join(payloads.map((payload) => encode(framing, payload))) }
  }

  it("gives back what was framed, however the stream is cut (property)", () => {
    for (const name of Framing.framingNames) {
      const framing = Framing.byName(name, { maxFrameBytes: 500 })
      const byte = name === "newline" ? fc.integer({ min: 32, max: 126 }) : fc.integer({ min: 0, max: 255 })
      const payload = fc.array(byte, { maxLength: 500 }).map((list) => Uint8Array.from(list))
      void fc.assert(
        fc.property(fc.array(payload, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 30 }), (payloads, at) => {
          const stream = join(payloads.map((one) => encode(framing, one)))
          const reader = framing.makeReader()
          assert.deepEqual(split(reader, cut(stream, at)), payloads)
          assert.equal(reader.failure, undefined)
          assert.equal(reader.isWithinFrame, false)
        }),
        { numRuns: 200 }
      )
    }
  })

  it("never gives a frame over the limit nor throws, whatever comes (property)", () => {
    for (const name of Framing.framingNames) {
      const framing = Framing.byName(name, { maxFrameBytes: 40 })
      void fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }), (chunks) => {
          const reader = framing.makeReader()
          for (const frame of split(reader, chunks)) assert.ok(frame.length <= 40)
          assert.ok(reader.heldBytes <= 41)
        }),
        { numRuns: 200 }
      )
    }
  })

  it("stops after the frame in which it is told to, and goes on from there", () => {
    for (const name of Framing.framingNames) {
      const { framing, payloads, stream } = stoppable(name)
      const reader = framing.makeReader()
      const frames: Array<Uint8Array> = []
      let at = 0
      let pushes = 0
      while (at < stream.length) {
        pushes++
        const before = frames.length
        at = reader.push(stream, at, (bytes, start, end) => {
          frames.push(new Uint8Array(bytes.subarray(start, end)))
          reader.stop()
        })
        assert.equal(frames.length, before + 1)
      }
      assert.equal(pushes, payloads.length)
      assert.deepEqual(frames, payloads)
    }
  })

  it("stops after a frame that the chunk before had begun", () => {
    for (const name of Framing.framingNames) {
      const { framing, payloads, stream } = stoppable(name)
      const reader = framing.makeReader()
      const frames: Array<Uint8Array> = []
      const take = (bytes: Uint8Array, start: number, end: number) => {
        frames.push(new Uint8Array(bytes.subarray(start, end)))
        reader.stop()
      }
      const first = encode(framing, payloads[0] as Uint8Array).length
      const cutAt = first + framing.headerBytes + 1
      assert.equal(reader.push(stream.slice(0, cutAt), 0, take), first)
      assert.equal(reader.push(stream.slice(first, cutAt), 0, take), cutAt - first)
      const rest = stream.slice(cutAt)
      let at = 0
      while (at < rest.length) {
        const before = frames.length
        at = reader.push(rest, at, take)
        assert.equal(frames.length, before + 1)
      }
      assert.deepEqual(frames, payloads)
    }
  })

  it("takes stop back with go within the same frame", () => {
    for (const name of Framing.framingNames) {
      const { framing, payloads, stream } = stoppable(name)
      const reader = framing.makeReader()
      let count = 0
      const end = reader.push(stream, 0, () => {
        count++
        reader.stop()
        reader.go()
      })
      assert.equal(end, stream.length)
      assert.equal(count, payloads.length)
    }
  })

  it("passes on what onFrame throws", () => {
    for (const name of Framing.framingNames) {
      const { framing, stream } = stoppable(name)
      const push = () =>
        framing.makeReader().push(stream, 0, () => {
          throw new Error("a bug")
        })
      assert.throws(push, /a bug/)
    }
  })

  it("does not touch a collected frame again after it was given", () => {
    for (const name of Framing.framingNames) {
      const framing = Framing.byName(name)
      const reader = framing.makeReader()
      const kept: Array<Uint8Array> = []
      const keep = (bytes: Uint8Array, start: number, end: number) => void kept.push(bytes.subarray(start, end))
      for (const word of ["first", "other"]) {
        for (const byte of encode(framing, text(word))) reader.push(Uint8Array.of(byte), 0, keep)
      }
      assert.deepEqual(
        kept.map((frame) => new TextDecoder().decode(frame)),
        ["first", "other"]
      )
    }
  })

  it("splits 10 000 tiny frames in one chunk without growing", () => {
    for (const name of Framing.framingNames) {
      const framing = Framing.byName(name)
      const stream = join(Array.from({ length: 10_000 }, () => encode(framing, text("x"))))
      let count = 0
      const end = framing.makeReader().push(stream, 0, () => void count++)
      assert.equal(end, stream.length)
      assert.equal(count, 10_000)
    }
  })
})

/** Runs a case against the server at an address, with the stream cut in one way. */
import assert from "node:assert/strict"
import { until } from "@mortise/core/testing/until"
import * as Effect from "effect/Effect"
import type { ServerFrame } from "../../src/internal/testing/frames.ts"
import { rawPeer } from "../../src/testing.ts"
import { type Case, type Expected, ping } from "./Case.ts"

/** How the bytes are cut into writes. */
export type Cut = "whole" | "frames" | "bytes" | "random"

const mulberry32 = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

const pieces = (frames: ReadonlyArray<Uint8Array>, cut: Cut, seed: number): ReadonlyArray<Uint8Array> => {
  if (cut === "frames") return frames
  const all = Buffer.concat(frames)
  if (cut === "whole") return [all]
  const random = mulberry32(seed)
  const cuts: Array<Uint8Array> = []
  for (let at = 0; at < all.length; ) {
    const size = cut === "bytes" ? 1 : 1 + Math.floor(random() ** 4 * Math.max(16, all.length / 4))
    cuts.push(all.subarray(at, at + size))
    at += size
  }
  return cuts
}

/** Bytes up to which a case is sent byte by byte. */
const BYTEWISE = 400

export const cutsFor = ({ frames }: Case): ReadonlyArray<Cut> =>
  Buffer.concat(frames).length <= BYTEWISE ? ["whole", "frames", "bytes", "random"] : ["whole", "frames", "random"]

const describeFrame = ({ first, payload }: ServerFrame): Expected => {
  if (first === 0x81) return { text: payload }
  if (first === 0x82) return { binary: payload }
  if (first === 0x8a) return { pong: payload }
  assert.equal(first, 0x88, "an unexpected frame")
  const view = Buffer.from(payload)
  return payload.length < 2 ? { close: 1005 } : { close: view.readUInt16BE(0), reason: view.toString("utf8", 2) }
}

/** Reasons of the server's own closes are its own business. */
const withoutReason = (expected: ReadonlyArray<Expected>, got: ReadonlyArray<Expected>): ReadonlyArray<Expected> =>
  got.map((frame, i) => {
    const wanted = expected[i]
    const own = "close" in frame && wanted !== undefined && "close" in wanted && wanted.reason === undefined
    return own ? { close: frame.close } : frame
  })

export const run = Effect.fnUntraced(function* (address: string, testCase: Case, cut: Cut) {
  const peer = yield* rawPeer(address)
  const closes = testCase.expect.some((expected) => "close" in expected)
  // A last ping shows that nothing else is to come, and that the connection has outlived the case.
  const frames = closes ? testCase.frames : [...testCase.frames, ping("the end")]
  const expected = closes ? testCase.expect : [...testCase.expect, { pong: new TextEncoder().encode("the end") }]
  for (const piece of pieces(frames, cut, testCase.name.length)) {
    if (peer.isEnded()) break
    yield* peer.write(piece)
  }
  const done = () => peer.isEnded() || (!closes && peer.all().length >= expected.length)
  yield* until(`the answer to ${testCase.name}`, done)
  assert.deepEqual(withoutReason(expected, peer.all().map(describeFrame)), expected)
  assert.equal(peer.isEnded(), closes, "whether the stream has ended")
}, Effect.scoped)

import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import { unmask, wordsOf } from "../src/internal/unmask.ts"

const MASK = [0x37, 0xfa, 0x21, 0x9d] as const
const key = MASK[0] | (MASK[1] << 8) | (MASK[2] << 16) | (MASK[3] << 24)

/** Masked payload at `start` of an array whose own place in memory is `offset`, with other bytes around it. */
const masked = (offset: number, start: number, length: number, total: number) => {
  const plain = Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 127)
  const bytes = new Uint8Array(new ArrayBuffer(offset + total), offset).fill(0xee)
  bytes.set(
    plain.map((byte, i) => byte ^ (MASK[i & 3] as number)),
    start
  )
  return { plain, bytes }
}

describe("unmask", () => {
  it("undoes the mask at every alignment and size, and touches nothing else", () => {
    for (const total of [200, 1200]) {
      for (const offset of [0, 1, 4]) {
        for (let start = 0; start < 9; start++) {
          for (const length of [0, 1, 2, 3, 4, 5, 15, 16, 17, 18, 19, 20, 63, 100, 180]) {
            const { bytes, plain } = masked(offset, start, length, total)
            const end = start + length
            assert.ok(unmask(bytes, wordsOf(bytes), start, end, key) < 128)
            assert.deepEqual(bytes.subarray(start, end), plain, `${total} ${offset} ${start} ${length}`)
            assert.ok(bytes.subarray(0, start).every((byte) => byte === 0xee))
            assert.ok(bytes.subarray(end).every((byte) => byte === 0xee))
          }
        }
      }
    }
  })

  it("tells one byte beyond ASCII wherever it stands", () => {
    for (const length of [7, 40, 700]) {
      for (let at = 0; at < length; at++) {
        const { bytes } = masked(0, 3, length, 1000)
        bytes[3 + at] = 0x80 ^ (MASK[at & 3] as number)
        assert.ok(unmask(bytes, wordsOf(bytes), 3, 3 + length, key) > 127, `${length} ${at}`)
      }
    }
  })

  it("takes words only where their view is allowed", () => {
    assert.equal(wordsOf(new Uint8Array(new ArrayBuffer(1000), 1)), undefined)
    assert.ok(wordsOf(new Uint8Array(1000)))
  })
})

/**
 * MessagePack with the same library and settings as Mortise, unpacked where it lies and packed straight into the output:
 * with a buffer of one's own and a position that it has aligned already, msgpackr puts the value where it is wanted.
 */
import type { Socket } from "node:net"
import { Packr, RESERVE_START_SPACE, REUSE_BUFFER_MODE } from "msgpackr/pack"
import { Unpackr } from "msgpackr/unpack"
import { hello } from "./hello.ts"
import type { Output } from "./Output.ts"

const HEADER = 8
/** below this much space at the end msgpackr takes a buffer of its own */
const SPARE = 4096
const HELLO = 1
const RESPONSE = 3

interface Target extends Buffer {
  readonly start: number
  readonly end: number
}
interface DirectPackr {
  position: number
  readonly useBuffer: (buffer: Buffer) => void
  readonly pack: (value: unknown, mode: number) => Target
}
const packr = new Packr({
  useRecords: false,
  mapsAsObjects: true,
  encodeUndefinedAsNil: true,
  variableMapSize: true
}) as unknown as DirectPackr
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, copyBuffers: true, int64AsType: "auto" })
const range = { start: 0, end: 0 }
let target: Buffer | undefined

/**
 * Answers the frame from `start` to `end`, leaving `before` bytes free in front of the answer. Gives the answer's length;
 * it begins at `output.to + before`.
 */
export const answer = (
  socket: Socket,
  output: Output,
  bytes: Buffer,
  start: number,
  end: number,
  before: number
): number => {
  range.start = start + HEADER
  range.end = end
  const question = unpackr.unpack(bytes, range)
  const isHello = bytes[start] === HELLO
  output.ensure(socket, end - start + SPARE)
  if (target !== output.bytes) {
    target = output.bytes
    packr.useBuffer(target)
  }
  const at = output.to
  const aligned = at & ~7
  packr.position = aligned
  const wanted = at + before + HEADER
  const packed = packr.pack(isHello ? hello : question, REUSE_BUFFER_MODE | RESERVE_START_SPACE | (wanted - aligned))
  const length = packed.end - packed.start - (wanted - aligned)
  if (packed !== target) {
    // it did not fit
    target = undefined
    output.ensure(socket, before + HEADER + length)
    packed.copy(output.bytes, output.to + before + HEADER, packed.end - length, packed.end)
  }
  const out = output.bytes
  const to = output.to + before
  out[to] = isHello ? HELLO : RESPONSE
  out[to + 1] = 0
  out[to + 2] = 0
  out[to + 3] = 0
  out[to + 4] = bytes[start + 4] as number
  out[to + 5] = bytes[start + 5] as number
  out[to + 6] = bytes[start + 6] as number
  out[to + 7] = bytes[start + 7] as number
  return HEADER + length
}

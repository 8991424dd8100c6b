/**
 * Splits the bytes of a stream into frames, and marks where a frame ends when it is written. For transports over byte
 * streams (TCP, Unix sockets, serial lines, pipes); WebSocket and memory have frames of their own.
 *
 * The normal path copies nothing and allocates nothing: frames are handed out as offsets into the chunk that was read.
 * Only a frame that a chunk's end cuts is collected, in memory that grows with the bytes that have really come.
 */
import type { FrameError } from "./FrameError.ts"
import { LengthReader } from "./internal/LengthReader.ts"
import { NewlineReader } from "./internal/NewlineReader.ts"

/** Frames over this many bytes are refused unless a framing is told otherwise: 1 MiB. */
export const defaultMaxFrameBytes = 1024 * 1024

/** One whole frame: `bytes` from `start` up to `end`, valid during the call only. */
export type OnFrame = (bytes: Uint8Array, start: number, end: number) => void

/** What a framing knows of one connection: where in the stream of bytes it is. */
export interface FrameReader {
  /**
   * Splits `chunk` from `start` on and calls `onFrame` for each frame that is complete. Returns how far it came: the
   * chunk's length, or less when it was stopped; the rest is then given again, with the new start. After a failure it
   * takes no more. What `onFrame` throws is passed on.
   */
  readonly push: (chunk: Uint8Array, start: number, onFrame: OnFrame) => number
  /** From within `onFrame`: this is the last frame of this `push`. */
  readonly stop: () => void
  /** Takes `stop` back, as long as the `push` it was called in has not returned. */
  readonly go: () => void
  /** Why the stream is broken, if it is. */
  readonly failure: FrameError | undefined
  /** Bytes of an unfinished frame that are held; 0 between frames, and then no memory is held either. */
  readonly heldBytes: number
  /** True inside a frame: the stream must not end here. */
  readonly isWithinFrame: boolean
}

export interface Framing {
  /** For people and error messages, for example `u32-be`. */
  readonly name: string
  /** Largest frame in bytes, without header and terminator. */
  readonly maxFrameBytes: number
  /** Bytes in front of each frame. */
  readonly headerBytes: number
  /** Bytes behind each frame. */
  readonly trailerBytes: number
  readonly makeReader: () => FrameReader
  /** Writes the header of a frame of `length` bytes into `target` at `at`. */
  readonly writeHeader: (target: Uint8Array, at: number, length: number) => void
  /** Writes what follows a frame into `target` at `at`. */
  readonly writeTrailer: (target: Uint8Array, at: number) => void
  /** False for bytes that would not arrive as they are: a newline within a frame that ends with one. Absent: all do. */
  readonly canCarry?: (bytes: Uint8Array, start: number, end: number) => boolean
}

export interface LengthPrefixed {
  /** Size of the header: a u32 or a u64. */
  readonly bytes: 4 | 8
  readonly endian: "big" | "little"
  /** @default 1 MiB */
  readonly maxFrameBytes?: number | undefined
}

/** Each frame is preceded by its length, an unsigned integer of 4 or 8 bytes. */
export const lengthPrefixed = (options: LengthPrefixed): Framing => {
  const { bytes, endian } = options
  const maxFrameBytes = checkedMax(options.maxFrameBytes)
  const big = endian === "big"
  const name = `u${bytes * 8}-${big ? "be" : "le"}`
  // the low four bytes of a u64 carry every length that is allowed
  const low = bytes === 8 && big ? 4 : 0
  return {
    name,
    maxFrameBytes,
    headerBytes: bytes,
    trailerBytes: 0,
    makeReader: () => new LengthReader(name, bytes, big, maxFrameBytes),
    writeHeader: (target, at, length) => {
      if (bytes === 8) target.fill(0, at, at + 8)
      const to = at + low
      if (big) {
        target[to] = length >>> 24
        target[to + 1] = length >>> 16
        target[to + 2] = length >>> 8
        target[to + 3] = length
      } else {
        target[to] = length
        target[to + 1] = length >>> 8
        target[to + 2] = length >>> 16
        target[to + 3] = length >>> 24
      }
    },
    writeTrailer: () => {}
  }
}

export interface Newline {
  /** @default 1 MiB */
  readonly maxFrameBytes?: number | undefined
}

const LF = 10
const CR = 13

/** Each frame ends with LF; a CR before it is dropped. For text: frames with an LF inside, or a CR at the end, are refused. */
export const newline = (options: Newline = {}): Framing => {
  const maxFrameBytes = checkedMax(options.maxFrameBytes)
  return {
    name: "newline",
    maxFrameBytes,
    headerBytes: 0,
    trailerBytes: 1,
    makeReader: () => new NewlineReader(maxFrameBytes),
    writeHeader: () => {},
    writeTrailer: (target, at) => {
      target[at] = LF
    },
    canCarry: (bytes, start, end) => {
      if (end > start && bytes[end - 1] === CR) return false
      return !bytes.subarray(start, end).includes(LF)
    }
  }
}

/** The framings by their names: for options that come from a configuration. */
export type FramingName = "u32-be" | "u32-le" | "u64-be" | "u64-le" | "newline"

/** All names that `byName` knows. */
export const framingNames: ReadonlyArray<FramingName> = ["u32-be", "u32-le", "u64-be", "u64-le", "newline"]

/** The framing of that name; `maxFrameBytes` defaults to 1 MiB. */
export const byName = (name: FramingName, options: Newline = {}): Framing =>
  name === "newline"
    ? newline(options)
    : lengthPrefixed({
        bytes: name.startsWith("u64") ? 8 : 4,
        endian: name.endsWith("be") ? "big" : "little",
        maxFrameBytes: options.maxFrameBytes
      })

/** A length that a u32 can say and one allocation can hold. */
const checkedMax = (maxFrameBytes: number = defaultMaxFrameBytes): number => {
  if (!Number.isSafeInteger(maxFrameBytes) || maxFrameBytes < 1 || maxFrameBytes > 0x7fffffff) {
    throw new RangeError(`maxFrameBytes must be a whole number from 1 to 2147483647, not ${maxFrameBytes}`)
  }
  return maxFrameBytes
}

/** The framing of Mortise's own wires over streams: u32, big-endian, at most 1 MiB. */
export const standard: Framing = lengthPrefixed({ bytes: 4, endian: "big" })

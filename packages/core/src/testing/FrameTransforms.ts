/** Two frame transforms of different nature, for tests of transports and wires: one keeps no state and shrinks, one counts frames and grows. */
import { deflateRawSync, inflateRawSync } from "node:zlib"
import * as Effect from "effect/Effect"
import { FrameError } from "../transport/FrameError.ts"
import * as FrameTransform from "../transport/FrameTransform.ts"
import type { TransportHarness } from "./TransportKit.ts"

/** Compresses with DEFLATE (RFC 1951); a frame that would become larger than the limit is not inflated to its end. */
export const deflate: FrameTransform.FrameTransform = {
  name: "deflate",
  // RFC 1951 §3.2.4: five bytes for each stored block of at most 65 535, and zlib cuts them shorter
  maxOverheadBytes: 256,
  make: ({ maxFrameBytes }) => ({
    inbound: (frame) => {
      try {
        return inflateRawSync(frame, { maxOutputLength: maxFrameBytes })
      } catch (cause) {
        const isBomb = (cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE"
        return new FrameError({
          reason: isBomb ? "too-large" : "malformed",
          stage: "deflate",
          message: isBomb ? `The frame inflates to more than ${maxFrameBytes} bytes.` : "The frame is not DEFLATE data."
        })
      }
    },
    outbound: (frame) => deflateRawSync(frame)
  })
}

const sum = (frame: Uint8Array, length: number, salt: number): number => {
  let hash = 0x811c9dc5 ^ salt
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ (frame[i] as number), 0x01000193)
  return hash >>> 0
}

/** Masks every byte with the frame's number and appends a checksum (FNV-1a) over both. */
export const masked: FrameTransform.FrameTransform = {
  name: "masked",
  maxOverheadBytes: 4,
  make: () => {
    let received = 0
    let sent = 0
    const mask = (frame: Uint8Array, length: number, salt: number): Uint8Array => {
      const made = new Uint8Array(length)
      for (let i = 0; i < length; i++) made[i] = (frame[i] as number) ^ salt
      return made
    }
    return {
      inbound: (frame) => {
        const number = ++received
        const length = frame.length - 4
        const view = new DataView(frame.buffer, frame.byteOffset)
        if (length < 0 || view.getUint32(length) !== sum(frame, length, number)) {
          return new FrameError({
            reason: "malformed",
            stage: "masked",
            message: `Frame ${number} has a wrong checksum.`
          })
        }
        return mask(frame, length, number)
      },
      outbound: (frame) => {
        const number = ++sent
        const made = new Uint8Array(frame.length + 4)
        made.set(mask(frame, frame.length, number))
        new DataView(made.buffer).setUint32(frame.length, sum(made, frame.length, number))
        return made
      }
    }
  }
}

/** The transport of `harness` with its frames going through `transforms`: the kit must not see a difference. */
export const through = (
  harness: TransportHarness,
  transforms: ReadonlyArray<FrameTransform.FrameTransform>
): TransportHarness => {
  const overhead = transforms.reduce((sum, { maxOverheadBytes }) => sum + maxOverheadBytes, 0)
  return {
    name: `${transforms.map(({ name }) => name).join(" and ")} over ${harness.name}`,
    // a byte-level peer would have to know the transforms
    traits: harness.traits.filter((trait) => trait === "closeCodes"),
    make: (limits) =>
      Effect.map(harness.make({ ...limits, maxFrameBytes: limits.maxFrameBytes + overhead }), (fixture) => ({
        listener: FrameTransform.listener(fixture.listener, transforms),
        connector: (addresses) => FrameTransform.connector(fixture.connector(addresses), transforms)
      }))
  }
}

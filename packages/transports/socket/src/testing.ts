/** What TCP and Unix sockets bring to the kits: `TransportKit` and whatever else runs over a transport. */
import { mkdtemp, rm } from "node:fs/promises"
import { connect, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { RawPeer, TransportFixture, TransportHarness } from "@mortise/core/testing/TransportKit"
import { until } from "@mortise/core/testing/until"
import * as Framing from "@mortise/core/transport/Framing"
import * as Effect from "effect/Effect"
import * as Tcp from "./Tcp.ts"
import * as Unix from "./Unix.ts"

/** Options of the connector that reaches what `listen` gave as its addresses. */
export const target = (addresses: ReadonlyArray<string>): { readonly host: string; readonly port: number } => {
  const url = new URL(addresses[0] ?? "")
  return { host: url.hostname, port: Number(url.port) }
}

/** TCP on a free port of this machine. */
export const tcpHarness = (framing: Framing.FramingName = "u32-be"): TransportHarness => ({
  ...traits(framing),
  name: `tcp (${framing})`,
  make: ({ maxFrameBytes, ...limits }) => {
    const options = { framing, maxFrameBytes, limits, closeTimeoutMillis: 1000 }
    const fixture: TransportFixture = {
      listener: Tcp.listener({ ...options, port: 0 }),
      connector: (addresses) => Tcp.connector({ ...options, ...target(addresses) }),
      raw: (addresses) => rawPeer(Framing.byName(framing, { maxFrameBytes }), () => connect(target(addresses)))
    }
    return Effect.succeed(fixture)
  }
})

/** A Unix socket in a folder of its own. */
export const unixHarness = (framing: Framing.FramingName = "u32-be"): TransportHarness => ({
  ...traits(framing),
  name: `unix (${framing})`,
  make: ({ maxFrameBytes, ...limits }) =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.promise(() => mkdtemp(join(tmpdir(), "mortise-"))),
        (made) => Effect.promise(() => rm(made, { recursive: true, force: true }))
      )
      const path = join(folder, "s.sock")
      const options = { framing, maxFrameBytes, limits, closeTimeoutMillis: 1000, path }
      return {
        listener: Unix.listener(options),
        connector: () => Unix.connector(options),
        raw: () => rawPeer(Framing.byName(framing, { maxFrameBytes }), () => connect(path))
      }
    })
})

const traits = (name: Framing.FramingName): Pick<TransportHarness, "traits" | "announce" | "broken" | "payload"> => {
  if (name === "newline") return { traits: ["raw", "flowControl"], payload: line }
  const framing = Framing.byName(name, { maxFrameBytes: 0x7fffffff })
  const announce = (length: number) => {
    const header = new Uint8Array(framing.headerBytes)
    framing.writeHeader(header, 0, length)
    return header
  }
  const top = new Uint8Array(framing.headerBytes).fill(0)
  top[name.endsWith("be") ? 0 : framing.headerBytes - 1] = 0x80
  return {
    traits: ["raw", "lengthPrefix", "flowControl"],
    announce,
    broken: [
      { name: "a length with only its top bit set", code: 1009, bytes: () => top },
      { name: "a length of all ones", code: 1009, bytes: () => new Uint8Array(framing.headerBytes).fill(0xff) }
    ]
  }
}

/** Printable bytes: a line ends at a newline and loses a carriage return at its end. */
const line = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => 32 + ((i * 7 + seed * 13) % 95))

const rawPeer = (framing: Framing.Framing, dial: () => Socket) =>
  Effect.gen(function* () {
    const received: Array<Uint8Array> = []
    const reader = framing.makeReader()
    let isEnded = false
    const socket = yield* Effect.acquireRelease(
      Effect.callback<Socket>((resume) => {
        const made = dial()
        made.setNoDelay(true)
        made.allowHalfOpen = true
        made.on("error", () => {
          isEnded = true
        })
        made.on("connect", () => resume(Effect.succeed(made)))
      }),
      (made) => Effect.sync(() => made.destroy())
    )
    socket.on("data", (chunk) =>
      reader.push(chunk, 0, (bytes, start, end) => void received.push(new Uint8Array(bytes.subarray(start, end))))
    )
    socket.on("end", () => {
      isEnded = true
      socket.end()
    })
    socket.on("close", () => {
      isEnded = true
    })
    const peer: RawPeer = {
      frame: (payload) => {
        const { headerBytes, trailerBytes } = framing
        const bytes = new Uint8Array(headerBytes + payload.length + trailerBytes)
        framing.writeHeader(bytes, 0, payload.length)
        bytes.set(payload, headerBytes)
        framing.writeTrailer(bytes, headerBytes + payload.length)
        return bytes
      },
      // in the kernel before it returns: without Nagle's algorithm each write is a segment of its own
      write: (bytes) =>
        Effect.callback<void>((resume) => {
          socket.write(bytes, () => resume(Effect.void))
        }),
      frames: () => received,
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
      end: Effect.sync(() => void socket.end()),
      reset: Effect.gen(function* () {
        // Unix sockets know no reset: there the stream ends within whatever was being sent
        if (socket.remoteAddress === undefined) socket.destroy()
        else socket.resetAndDestroy()
        yield* until("the socket is gone", () => socket.destroyed)
      }),
      isEnded: () => isEnded,
      closeCode: () => undefined
    }
    return peer
  })

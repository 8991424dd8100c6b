import type { RawPeer } from "@mortise/core/testing/TransportKit"
import { until } from "@mortise/core/testing/until"
import type { TransportError } from "@mortise/core/transport/Transport"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { BINARY, CLOSE, FIN } from "../opcode.ts"
import { dial } from "./dial.ts"
import { clientFrame, type ServerFrame, ServerFrames } from "./frames.ts"

/** A peer that has shaken hands and writes any bytes; `all` are the frames that came, control frames too. */
export interface WebSocketPeer extends RawPeer {
  readonly all: () => ReadonlyArray<ServerFrame>
}

export const rawPeer = (address: string): Effect.Effect<WebSocketPeer, TransportError, Scope.Scope> =>
  Effect.gen(function* () {
    const { answer, socket } = yield* Effect.acquireRelease(
      dial("websocket", address),
      (dialled) => Effect.sync(() => dialled.socket.destroy()),
      { interruptible: true }
    )
    const parser = new ServerFrames()
    const all: Array<ServerFrame> = [...parser.push(answer.rest)]
    let isEnded = false
    const ended = (): void => {
      isEnded = true
    }
    socket.on("error", ended)
    socket.on("close", ended)
    socket.on("end", ended)
    socket.on("data", (chunk) => void all.push(...parser.push(chunk)))
    socket.resume()
    return {
      all: () => all,
      frame: (payload) => clientFrame(FIN | BINARY, payload),
      write: (bytes) =>
        Effect.callback<void>((resume) => {
          socket.write(bytes, () => resume(Effect.void))
        }),
      frames: () => all.filter(({ first }) => (first & 15) < CLOSE).map(({ payload }) => payload),
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
      end: Effect.sync(() => void socket.end()),
      reset: Effect.gen(function* () {
        socket.resetAndDestroy()
        yield* until("the socket is gone", () => socket.destroyed)
      }),
      isEnded: () => isEnded,
      closeCode: () => {
        const payload = all.find(({ first }) => first === (FIN | CLOSE))?.payload
        if (payload === undefined) return undefined
        return payload.length < 2 ? 1005 : ((payload[0] as number) << 8) | (payload[1] as number)
      }
    }
  })

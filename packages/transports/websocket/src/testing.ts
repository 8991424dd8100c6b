/** What the WebSocket transport brings to the kits: `TransportKit` and whatever else runs over a transport. */
import * as WebSocketConnector from "@mortise/core/client/WebSocketConnector"
import * as HttpHost from "@mortise/core/http/HttpHost"
import type { TransportHarness } from "@mortise/core/testing/TransportKit"
import type { Connector, Listener } from "@mortise/core/transport/Transport"
import * as Effect from "effect/Effect"
import { BINARY, FIN } from "./internal/opcode.ts"
import { clientFrame, clientHeader } from "./internal/testing/frames.ts"
import * as NetConnector from "./internal/testing/NetConnector.ts"
import { rawPeer } from "./internal/testing/rawPeer.ts"
import * as WebSocket from "./WebSocket.ts"

export { rawPeer, type WebSocketPeer } from "./internal/testing/rawPeer.ts"

/** A listener with an HTTP host of its own, which listens and ends with it. */
const ownHost = (options: WebSocket.WebSocketOptions): Listener => ({
  ...WebSocket.listenerOn({} as HttpHost.HttpHostShape, options),
  listen: Effect.fnUntraced(function* (admit) {
    const host = yield* HttpHost.make({ port: 0, closeTimeoutMillis: 1000 })
    yield* host.listen
    return yield* WebSocket.listenerOn(host, options).listen(admit)
  })
})

const mask = Uint8Array.of(1, 2, 3, 4)

/**
 * A WebSocket listener on an HTTP host of its own, on a free port. Its clients are the platform's WebSockets, or, with
 * `net`, clients over a bare socket, which can stop reading and so hold the server up.
 */
export const webSocketHarness = (client: "platform" | "net" = "platform"): TransportHarness => ({
  name: `websocket (${client} client)`,
  traits: ["raw", "text", "closeCodes", "lengthPrefix", ...(client === "net" ? ["flowControl" as const] : [])],
  announce: (length) => Buffer.concat([clientHeader(FIN | BINARY, length), mask]),
  broken: [
    {
      name: "a length with its top bit set",
      code: 1002,
      bytes: () => Buffer.concat([Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0]), mask])
    },
    { name: "a frame that is not masked", code: 1002, bytes: () => Uint8Array.of(0x82, 2, 1, 2) },
    { name: "a reserved bit", code: 1002, bytes: () => clientFrame(0xc2, Uint8Array.of(1)) },
    { name: "an unknown opcode", code: 1002, bytes: () => clientFrame(0x83, Uint8Array.of(1)) },
    { name: "text that is not UTF-8", code: 1007, bytes: () => clientFrame(0x81, Uint8Array.of(0xc3, 0x28)) }
  ],
  make: ({ maxFrameBytes, ...limits }) =>
    Effect.sync(() => {
      const options = { maxFrameBytes, limits, closeTimeoutMillis: 1000 }
      const listener = ownHost(options)
      const connector = (addresses: ReadonlyArray<string>): Connector => {
        const url = addresses[0] ?? ""
        if (client === "net") return NetConnector.make(url, options)
        return WebSocketConnector.make({ url, ...options })
      }
      return { listener, connector, raw: (addresses) => rawPeer(addresses[0] ?? "") }
    })
})

/** TCP: frames over a byte stream between machines, or between processes of one. */
import type { Server, Socket } from "node:net"
import { type Connector, type Listener, type PeerInfo, TransportError } from "@mortise/core/transport/Transport"
import * as Effect from "effect/Effect"
import { bindOnce, isErrno } from "./internal/bind.ts"
import { dial } from "./internal/dial.ts"
import { serve } from "./internal/serve.ts"
import { settingsOf } from "./internal/settings.ts"
import type { StreamConnectorOptions, StreamListenerOptions } from "./StreamOptions.ts"

export interface TcpListenerOptions extends StreamListenerOptions {
  /** Name of the transport, and of its options in error messages. @default "tcp" */
  readonly name?: string | undefined
  /** Address to listen on. @default "127.0.0.1", which only this machine reaches */
  readonly host?: string | undefined
  /** 0 takes any free one. Either this or `portRange` is given. */
  readonly port?: number | undefined
  /** First and last port to try, in order. */
  readonly portRange?: readonly [first: number, last: number] | undefined
  /** Milliseconds of silence after which the kernel asks whether the peer is alive. @default 60 000; 0 never asks */
  readonly keepAliveMillis?: number | undefined
}

export interface TcpConnectorOptions extends StreamConnectorOptions {
  /** @default "tcp" */
  readonly name?: string | undefined
  /** @default "127.0.0.1" */
  readonly host?: string | undefined
  readonly port: number
}

/**
 * Listens on a TCP port. Fails with reason `listen` when the port is in use or the address cannot be had; the message
 * names the option that changes it.
 */
export const listener = (options: TcpListenerOptions): Listener => {
  const name = options.name ?? "tcp"
  const host = options.host ?? "127.0.0.1"
  const settings = settingsOf(name, options)
  const keepAliveMillis = options.keepAliveMillis ?? 60_000
  const sockets = { noDelay: true, keepAlive: keepAliveMillis > 0, keepAliveInitialDelay: keepAliveMillis }
  const fail = (message: string): TransportError => new TransportError({ reason: "listen", transport: name, message })

  const bind = Effect.fnUntraced(function* (server: Server) {
    const [first, last] = options.portRange ?? [options.port ?? -1, options.port ?? -1]
    if (!isPort(first) || !isPort(last) || last < first) {
      return yield* fail(
        options.portRange === undefined
          ? `${options.port} is not a port: give ${name}.port a whole number from 0 to 65535.`
          : `${first} to ${last} is no range of ports: give ${name}.portRange two whole numbers from 0 to 65535, the smaller one first.`
      )
    }
    for (let port = first; ; port++) {
      const problem = yield* bindOnce(server, { host, port, backlog: options.backlog ?? 4096 })
      if (problem === undefined) break
      if (isErrno(problem, "EADDRINUSE") && port < last) continue
      return yield* fail(explain(problem, name, host, first, last))
    }
    const bound = server.address()
    if (bound === null || typeof bound === "string") return yield* fail("The listener closed at once.")
    return [addressOf(bound.address, bound.port)]
  })

  const peerOf = (socket: Socket): PeerInfo | undefined => {
    if (socket.remoteAddress === undefined) return undefined
    return peer(name, addressOf(socket.remoteAddress, socket.remotePort ?? 0))
  }

  return {
    name,
    capabilities: settings.capabilities,
    listen: (admit) => serve(settings, options, { sockets, bind, peerOf }, admit)
  }
}

/** Connects to a TCP port. Fails with `connect` when nobody listens there, with `timeout` when nobody answers. */
export const connector = (options: TcpConnectorOptions): Connector => {
  const name = options.name ?? "tcp"
  const host = options.host ?? "127.0.0.1"
  const settings = settingsOf(name, options)
  const server = peer(name, addressOf(host, options.port))
  return {
    name,
    capabilities: settings.capabilities,
    connect: (open) => dial(settings, options, { host, port: options.port, noDelay: true }, server, open)
  }
}

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 0 && port <= 65_535

const addressOf = (host: string, port: number): string => `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`

const noHeaders: ReadonlyMap<string, string> = new Map()

const peer = (transport: string, address: string): PeerInfo => ({
  transport,
  address,
  secure: false,
  headers: noHeaders,
  path: "",
  origin: undefined
})

const explain = (problem: NodeJS.ErrnoException, name: string, host: string, first: number, last: number): string => {
  switch (problem.code) {
    case "EADDRINUSE":
      return first === last
        ? `Port ${first} on ${host} is in use. Stop what listens there, or set ${name}.port to another one (0 takes any free one).`
        : `All ports from ${first} to ${last} on ${host} are in use. Stop what listens there, or set ${name}.portRange to others.`
    case "EACCES":
      return `Not allowed to listen on port ${first} of ${host}. Set ${name}.port to one above 1023, or run with the right to bind it.`
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${host} is not an address of this machine. Set ${name}.host to one that is, or to 0.0.0.0 for all.`
    default:
      return `Could not listen on port ${first} of ${host}: ${problem.message}. The options are ${name}.host and ${name}.port.`
  }
}

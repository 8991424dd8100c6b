/** Unix domain sockets: frames between processes of one machine, with the file system's permissions. */
import { Buffer } from "node:buffer"
import { chmod, lstat, unlink } from "node:fs/promises"
import { connect, type Server } from "node:net"
import { dirname, resolve } from "node:path"
import { isMainThread } from "node:worker_threads"
import { type Connector, type Listener, type PeerInfo, TransportError } from "@mortise/core/transport/Transport"
import * as Effect from "effect/Effect"
import { bindOnce, isErrno } from "./internal/bind.ts"
import { dial } from "./internal/dial.ts"
import { serve } from "./internal/serve.ts"
import { settingsOf } from "./internal/settings.ts"
import type { StreamConnectorOptions, StreamListenerOptions } from "./StreamOptions.ts"

export interface UnixListenerOptions extends StreamListenerOptions {
  /** Name of the transport, and of its options in error messages. @default "unix" */
  readonly name?: string | undefined
  /** Where the socket's file is made; at most 107 bytes (103 on macOS). */
  readonly path: string
  /** Who may connect, as permissions of the file. @default 0o600, the user alone */
  readonly mode?: number | undefined
}

export interface UnixConnectorOptions extends StreamConnectorOptions {
  /** @default "unix" */
  readonly name?: string | undefined
  readonly path: string
}

/** Bytes of a path that fit into `sockaddr_un.sun_path` beside its terminator (unix(7); 104 on the BSDs). */
const MAX_PATH_BYTES = process.platform === "linux" ? 107 : 103

/**
 * Listens on a path. A socket that a dead process left there is removed; one behind which somebody listens, and any
 * other file, are left alone, and the listener fails with reason `listen`. The file is removed when it closes.
 */
export const listener = (options: UnixListenerOptions): Listener => {
  const name = options.name ?? "unix"
  const { path } = options
  const settings = settingsOf(name, options)
  const mode = options.mode ?? 0o600
  const fail = (message: string): TransportError => new TransportError({ reason: "listen", transport: name, message })
  const listenOptions = { path, backlog: options.backlog ?? 4096 }

  const bind = Effect.fnUntraced(function* (server: Server) {
    const problem = pathProblem(path)
    if (problem !== undefined) return yield* fail(`${problem} Set ${name}.path to another one.`)
    let error = yield* bindOnce(server, listenOptions, withMode(mode))
    if (isErrno(error, "EADDRINUSE")) {
      const found = yield* whatIsAt(path)
      if (found === "file") {
        return yield* fail(
          `${path} is not a socket and is left alone. Move it away, or set ${name}.path to another path.`
        )
      }
      if (found === "live") {
        return yield* fail(`Another process listens on ${path}. Stop it, or set ${name}.path to another path.`)
      }
      if (found === "stale") yield* Effect.ignore(Effect.tryPromise(() => unlink(path)))
      error = yield* bindOnce(server, listenOptions, withMode(mode))
    }
    if (error !== undefined) {
      // libuv says EACCES for a folder that does not exist as well
      const folder = yield* Effect.promise(() => lstat(dirname(path)).catch(() => undefined))
      return yield* fail(explain(folder === undefined ? "ENOENT" : error.code, error.message, name, path))
    }
    yield* Effect.catch(
      Effect.tryPromise(() => chmod(path, mode)),
      () => Effect.fail(fail(`Could not set the permissions of ${path} to ${mode.toString(8)} (${name}.mode).`))
    )
    return [`unix:${resolve(path)}`]
  })

  const client = peer(name, path)
  return {
    name,
    capabilities: settings.capabilities,
    listen: (admit) => serve(settings, options, { sockets: {}, bind, peerOf: () => client }, admit)
  }
}

/** Connects to a path. Fails with `connect` when nobody listens there or the file's permissions forbid it. */
export const connector = (options: UnixConnectorOptions): Connector => {
  const name = options.name ?? "unix"
  const { path } = options
  const settings = settingsOf(name, options)
  const server = peer(name, path)
  return {
    name,
    capabilities: settings.capabilities,
    connect: Effect.fnUntraced(function* (open) {
      const message = pathProblem(path)
      if (message !== undefined) return yield* new TransportError({ reason: "connect", transport: name, message })
      return yield* dial(settings, options, { path }, server, open)
    })
  }
}

const noHeaders: ReadonlyMap<string, string> = new Map()

const peer = (transport: string, path: string): PeerInfo => ({
  transport,
  address: path,
  // what is said never leaves the machine
  secure: true,
  headers: noHeaders,
  path: "",
  origin: undefined
})

const pathProblem = (path: string): string | undefined => {
  const bytes = Buffer.byteLength(path)
  if (bytes === 0 || path.includes("\0")) return `${JSON.stringify(path)} is no path for a socket.`
  if (bytes > MAX_PATH_BYTES) {
    return `${path} has ${bytes} bytes; a socket's path may have ${MAX_PATH_BYTES} (sun_path).`
  }
  return undefined
}

/** The file must not be open to others between its making and `chmod`: the process's mask closes that gap. */
const withMode =
  (mode: number) =>
  (listen: () => void): void => {
    // workers may not change the mask
    if (!isMainThread) return listen()
    const before = process.umask(0o777 & ~mode)
    // node binds within the call
    listen()
    process.umask(before)
  }

const whatIsAt = (path: string): Effect.Effect<"nothing" | "file" | "stale" | "live"> =>
  Effect.gen(function* () {
    const stats = yield* Effect.promise(() => lstat(path).catch(() => undefined))
    if (stats === undefined) return "nothing"
    if (!stats.isSocket()) return "file"
    return yield* Effect.callback<"stale" | "live">((resume) => {
      const probe = connect({ path })
      probe.on("connect", () => {
        probe.destroy()
        resume(Effect.succeed("live"))
      })
      // only a refusal proves that nobody is behind it
      probe.on("error", (cause: NodeJS.ErrnoException) => {
        resume(Effect.succeed(isErrno(cause, "ECONNREFUSED") || isErrno(cause, "ENOENT") ? "stale" : "live"))
      })
    })
  })

const explain = (code: string | undefined, message: string, name: string, path: string): string => {
  switch (code) {
    case "EADDRINUSE":
      return `Another process listens on ${path}. Stop it, or set ${name}.path to another path.`
    case "ENOENT":
      return `The folder of ${path} does not exist. Make it, or set ${name}.path to another path.`
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `Not allowed to make ${path} (${code}). Set ${name}.path to a path that this user may write to.`
    default:
      return `Could not listen on ${path}: ${message}. The option is ${name}.path.`
  }
}

import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import type { Duplex } from "node:stream"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { Turn, type TurnShape } from "../../app/Turn.ts"
import { TransportError } from "../../transport/Transport.ts"
import type { HttpHostOptions, HttpHostShape } from "../HttpHost.ts"
import { RouteConflict, type RouteHandler, type Upgrade } from "../Route.ts"
import * as StaticFiles from "../StaticFiles.ts"
import { answer, answerSocket } from "./answers.ts"
import { listenProblem } from "./listenProblem.ts"
import { createServer } from "./nodeHttp.ts"
import { RouteTable } from "./RouteTable.ts"
import { pathOf } from "./target.ts"

type Run = (effect: Effect.Effect<void, unknown>) => ReturnType<typeof Effect.runFork<void, unknown>>

const protocolOf = (request: IncomingMessage): string => (request.headers.upgrade ?? "").toLowerCase()

export class Host {
  readonly server: Server
  readonly routes = new RouteTable()
  readonly upgrades = new Map<string, Upgrade>()
  /** by path, the longest first */
  files: ReadonlyArray<readonly [path: string, files: StaticFiles.StaticFiles]> = []
  fallback: RouteHandler | undefined
  listening = false
  draining = false
  readonly host: string
  readonly port: number
  private readonly turn: TurnShape
  private readonly run: Run
  private readonly upgraded = new Set<Duplex>()
  private readonly running = new Set<ServerResponse>()
  private idle: Array<() => void> = []

  constructor(options: HttpHostOptions, turn: TurnShape, run: Run) {
    this.host = options.host ?? "127.0.0.1"
    this.port = options.port ?? 3000
    this.turn = turn
    this.run = run
    this.server = createServer({
      maxHeaderSize: options.maxHeaderBytes ?? 16 * 1024,
      headersTimeout: options.headersTimeoutMillis ?? 10_000,
      requestTimeout: options.requestTimeoutMillis ?? 60_000,
      keepAliveTimeout: options.keepAliveTimeoutMillis ?? 5_000,
      connectionsCheckingInterval: options.timeoutCheckMillis ?? 1_000,
      noDelay: true,
      // An upgrade nobody here speaks (h2c) may be ignored (RFC 9110 §7.8): such a request is an ordinary one.
      shouldUpgradeCallback: (request) => this.knowsUpgrade(request)
    })
    this.server.on("request", (request, response) => this.onRequest(request, response))
    this.server.on("upgrade", (request, socket, head) => this.onUpgrade(request, socket as Socket, head))
    this.server.on("error", (error) => {
      // While it listens: a connection could not be accepted, for example because no file descriptor is left.
      if (this.listening) this.run(Effect.logError("The HTTP host could not accept a connection", error))
    })
    this.server.on("clientError", (error: NodeJS.ErrnoException, socket) => this.onClientError(error, socket))
  }

  private knowsUpgrade(request: IncomingMessage): boolean {
    const protocol = protocolOf(request)
    if (protocol === "websocket" || this.upgrades.has(pathOf(request.url) ?? "")) return true
    for (const upgrade of this.upgrades.values()) if (upgrade.protocol === protocol) return true
    return false
  }

  private onRequest(request: IncomingMessage, response: ServerResponse): void {
    this.running.add(response)
    response.once("close", () => {
      this.running.delete(response)
      if (this.draining) this.turn.schedule(() => this.server.closeIdleConnections())
      if (this.running.size > 0) return
      const waiting = this.idle
      this.idle = []
      for (const done of waiting) done()
    })
    // A client that resets its connection is no news; without a listener it would end the process.
    request.on("error", () => {})
    response.on("error", () => {})
    if (this.draining) response.setHeader("Connection", "close")
    const path = pathOf(request.url)
    if (path === undefined) return void answer(response, 400, "Bad request target: it must be a path.")
    const found = this.routes.find(request.method ?? "", path)
    if (found?.handler !== undefined) return void this.handle(found.handler, request, response)
    if (found !== undefined) {
      if (request.method === "OPTIONS") return void response.writeHead(204, { Allow: found.allow }).end()
      return void answer(response, 405, `${path} answers ${found.allow}, not ${request.method}.`, {
        Allow: found.allow
      })
    }
    const upgrade = this.upgrades.get(path)
    if (upgrade !== undefined) return void answer(response, 426, upgradeText(upgrade), { Upgrade: upgrade.protocol })
    if (this.files.length === 0) return void this.last(request, response)
    this.tryFiles(request, response, path).catch((error: unknown) => this.failed(response, error))
  }

  private async tryFiles(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    for (const [, files] of this.files) if (await files(request, response, path)) return
    this.last(request, response)
  }

  private last(request: IncomingMessage, response: ServerResponse): void {
    if (this.fallback !== undefined) this.handle(this.fallback, request, response)
    else answer(response, 404, "Nothing is here.")
  }

  private handle(handler: RouteHandler, request: IncomingMessage, response: ServerResponse): void {
    try {
      const effect = handler(request, response)
      if (effect === undefined) return
      const fiber = this.run(effect)
      response.once("close", () => fiber.interruptUnsafe())
      fiber.addObserver((exit) => {
        if (Exit.isFailure(exit) && !response.closed) this.failed(response, exit.cause)
      })
    } catch (error) {
      this.failed(response, error)
    }
  }

  private failed(response: ServerResponse, problem: unknown): void {
    // the platform's own, because an import of node:crypto costs every start some milliseconds
    const id = crypto.randomUUID()
    this.run(Effect.logError(`HTTP handler failed (${id})`, problem))
    if (response.headersSent) response.destroy()
    else answer(response, 500, `Internal error. The log has it under ${id}.`)
  }

  private onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.adopt(socket)
    let answered = false
    const refuse = (status: number, message: string, headers?: Readonly<Record<string, string>>): void => {
      if (answered) return
      answered = true
      this.upgraded.delete(socket)
      answerSocket(this.turn, socket, status, message, headers)
    }
    const path = pathOf(request.url)
    const upgrade = path === undefined ? undefined : this.upgrades.get(path)
    if (this.draining) return void refuse(503, "The server is shutting down.", { "Retry-After": "1" })
    if (upgrade === undefined) return void refuse(404, "Nothing is here to upgrade to.")
    if (protocolOf(request) !== upgrade.protocol)
      return void refuse(426, upgradeText(upgrade), { Upgrade: upgrade.protocol })
    const accept = (headers: Readonly<Record<string, string>>): Socket => {
      answered = true
      let text = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${upgrade.protocol}\r\n`
      for (const name of Object.keys(headers)) text += `${name}: ${headers[name]}\r\n`
      socket.setTimeout(0)
      socket.write(text + "\r\n", "latin1")
      if (head.length > 0) socket.unshift(head)
      return socket
    }
    try {
      upgrade.handler({ request, socket, secure: "encrypted" in socket, accept, refuse })
    } catch (error) {
      this.run(Effect.logError(`Upgrade to ${upgrade.name} failed`, error))
      refuse(500, "Internal error.")
    }
  }

  /** Apart from `onUpgrade`: a listener made there would hold the request for as long as the connection lives. */
  private adopt(socket: Socket): void {
    this.upgraded.add(socket)
    socket.on("error", () => socket.destroy())
    socket.once("close", () => this.upgraded.delete(socket))
  }

  private onClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
    if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy()
    const status = error.code === "HPE_HEADER_OVERFLOW" ? 431 : error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400
    answerSocket(this.turn, socket, status)
  }

  addFiles(options: StaticFiles.StaticFilesOptions): boolean {
    if (this.files.some(([path]) => path === options.path)) return false
    const added = [...this.files, [options.path, StaticFiles.make(options)] as const]
    this.files = added.sort(([a], [b]) => b.length - a.length)
    return true
  }

  removeFiles(options: StaticFiles.StaticFilesOptions): void {
    this.files = this.files.filter(([path]) => path !== options.path)
  }

  address(scheme = "http", path = ""): string | undefined {
    if (!this.listening) return undefined
    const { address, family, port } = this.server.address() as AddressInfo
    return `${scheme}://${family === "IPv6" ? `[${address}]` : address}:${port}${path}`
  }

  readonly start: Effect.Effect<string, TransportError> = Effect.callback((resume) => {
    if (this.server.listening) {
      const message = "The HTTP host listens already. Run `listen` once, when everything is registered."
      return resume(Effect.fail(new TransportError({ reason: "listen", transport: "http", message })))
    }
    const onError = (error: NodeJS.ErrnoException): void => {
      const message = listenProblem(error, this.host, this.port)
      resume(Effect.fail(new TransportError({ reason: "listen", transport: "http", message })))
    }
    this.server.once("error", onError)
    this.server.listen({ host: this.host, port: this.port, backlog: 4096 }, () => {
      this.server.off("error", onError)
      this.listening = true
      resume(Effect.succeed(this.address() as string))
    })
  })

  /** Frees the port; connections that wait for a next request go at once, the others after their answer. */
  stopAccepting(): void {
    this.draining = true
    if (!this.listening) return
    this.listening = false
    for (const response of this.running) if (!response.headersSent) response.setHeader("Connection", "close")
    this.server.close()
    this.server.closeIdleConnections()
  }

  readonly whenIdle: Effect.Effect<void> = Effect.callback((resume) => {
    if (this.running.size === 0) return resume(Effect.void)
    const done = (): void => resume(Effect.void)
    this.idle.push(done)
    return Effect.sync(() => {
      this.idle = this.idle.filter((other) => other !== done)
    })
  })

  /** Waits until no request runs, at most this long, then cuts what is left of HTTP. */
  stop(millis: number): Effect.Effect<void> {
    const late = Effect.callback<void>((resume) => {
      const disarm = this.turn.arm(millis, () => resume(Effect.void))
      return Effect.sync(disarm)
    })
    return Effect.suspend(() => {
      this.stopAccepting()
      return Effect.raceFirst(this.whenIdle, late)
    }).pipe(Effect.andThen(Effect.sync(() => this.server.closeAllConnections())))
  }

  dispose(): void {
    for (const socket of this.upgraded) socket.destroy()
  }
}

const upgradeText = (upgrade: Upgrade): string => `${upgrade.path} speaks ${upgrade.protocol} only.`

/** Registers for as long as the scope lives. */
const register = (
  conflict: RouteConflict,
  add: () => boolean,
  remove: () => void
): Effect.Effect<void, RouteConflict, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.suspend(() => (add() ? Effect.void : Effect.fail(conflict))),
    () => Effect.sync(remove)
  )

const put = <K, V>(map: Map<K, V>, key: K, value: V): boolean => !map.has(key) && map.set(key, value) === map

export const makeHost = (options: HttpHostOptions): Effect.Effect<HttpHostShape, never, Scope.Scope> =>
  Effect.gen(function* () {
    const turn = yield* Turn
    const run = Effect.runForkWith(yield* Effect.context<never>())
    const host = yield* Effect.acquireRelease(
      Effect.sync(() => new Host(options, turn, run)),
      (it) => Effect.sync(() => it.dispose())
    )
    return {
      route: (route) =>
        register(
          new RouteConflict({ kind: "route", method: route.method, path: route.path }),
          () => host.routes.add(route),
          () => host.routes.remove(route)
        ),
      upgrade: (upgrade) =>
        register(
          new RouteConflict({ kind: "upgrade", method: upgrade.protocol, path: upgrade.path }),
          () => put(host.upgrades, upgrade.path, upgrade),
          () => host.upgrades.delete(upgrade.path)
        ),
      files: (files) =>
        register(
          new RouteConflict({ kind: "files", method: "GET", path: files.path }),
          () => host.addFiles(files),
          () => host.removeFiles(files)
        ),
      fallback: (handler) =>
        register(
          new RouteConflict({ kind: "fallback", method: "*", path: "*" }),
          () => {
            if (host.fallback !== undefined) return false
            host.fallback = handler
            return true
          },
          () => {
            host.fallback = undefined
          }
        ),
      listen: Effect.acquireRelease(host.start, () => host.stop(options.closeTimeoutMillis ?? 2_000)),
      address: (scheme, path) => host.address(scheme, path),
      endpoints: () => {
        const address = host.address()
        if (address === undefined) return []
        const upgrades = [...host.upgrades.values()].map(({ name, path, scheme }) => ({
          name,
          address: host.address(scheme, path) as string
        }))
        return [{ name: "http", address }, ...upgrades]
      },
      stopAccepting: Effect.sync(() => host.stopAccepting()),
      drain: Effect.suspend(() => {
        host.stopAccepting()
        return host.whenIdle
      })
    }
  })

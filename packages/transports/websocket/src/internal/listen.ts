import { Turn, type TurnShape } from "@mortise/core/app/Turn"
import type { HttpHostShape } from "@mortise/core/http/HttpHost"
import type { UpgradeRequest } from "@mortise/core/http/Route"
import { nextConnectionId } from "@mortise/core/transport/ConnectionId"
import { admitted, makeReport, type Report } from "@mortise/core/transport/Faults"
import { OutboxPool } from "@mortise/core/transport/Outbox"
import { type Admission, type Admit, type PeerInfo, TransportError } from "@mortise/core/transport/Transport"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { Settings } from "../WebSocket.ts"
import { acceptOf, originAllowed, refusalOf, subprotocolOf } from "./handshake.ts"
import { ServerConnection, type Shared } from "./ServerConnection.ts"

const peerOf = (
  transport: string,
  { request, secure, socket }: UpgradeRequest,
  chosen: string | undefined
): PeerInfo => {
  const headers = new Map<string, string>()
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, typeof value === "string" ? value : value.join(", "))
  }
  headers.delete("sec-websocket-protocol")
  if (chosen !== undefined) headers.set("sec-websocket-protocol", chosen)
  return {
    transport,
    address: socket.remoteAddress ?? "",
    secure,
    headers,
    path: request.url ?? "",
    origin: request.headers.origin
  }
}

/** A peer that is being admitted. */
interface Decision {
  fiber: Fiber.Fiber<Admission> | undefined
}

class Listening {
  readonly connections = new Set<ServerConnection>()
  private readonly settings: Settings
  private readonly admit: Admit
  private readonly turn: TurnShape
  private readonly run: (effect: Effect.Effect<Admission>) => Fiber.Fiber<Admission>
  private readonly shared: Shared
  private readonly deciding = new Set<Decision>()
  private closing = false
  private whenEmpty: (() => void) | undefined

  constructor(settings: Settings, admit: Admit, turn: TurnShape, run: Listening["run"], report: Report) {
    this.settings = settings
    this.admit = admit
    this.turn = turn
    this.run = run
    this.shared = {
      turn,
      pool: new OutboxPool(turn),
      limits: settings.limits,
      maxFrameBytes: settings.maxFrameBytes,
      closeTimeoutMillis: settings.closeTimeoutMillis,
      report,
      released: (connection) => {
        this.connections.delete(connection)
        this.checkEmpty()
      }
    }
  }

  onUpgrade(upgrade: UpgradeRequest): void {
    const { request } = upgrade
    const refusal = refusalOf(request)
    if (refusal !== undefined) return void upgrade.refuse(refusal.status, refusal.message, refusal.headers)
    if (!originAllowed(this.settings.origin, request.headers.origin, request.headers.host)) {
      return void upgrade.refuse(403, `Pages of ${request.headers.origin} may not connect here.`)
    }
    const protocol = subprotocolOf(request.headers["sec-websocket-protocol"], this.settings.subprotocols)
    if ("status" in protocol) return void upgrade.refuse(protocol.status, protocol.message)
    const peer = peerOf(this.settings.name, upgrade, protocol.chosen)
    // Counted before it runs: what it runs may close the listener.
    const decision: Decision = { fiber: undefined }
    this.deciding.add(decision)
    const fiber = this.run(admitted(this.admit, peer))
    decision.fiber = fiber
    const disarm = this.turn.arm(this.settings.handshakeTimeoutMillis, () => fiber.interruptUnsafe())
    fiber.addObserver((exit) => {
      this.deciding.delete(decision)
      disarm()
      if (Exit.isSuccess(exit) && !this.closing) this.decide(upgrade, peer, protocol.chosen, exit.value)
      else upgrade.refuse(503, "The server did not decide in time. Try again.", { "Retry-After": "1" })
      this.checkEmpty()
    })
    if (this.closing) fiber.interruptUnsafe()
  }

  private decide(upgrade: UpgradeRequest, peer: PeerInfo, protocol: string | undefined, admission: Admission): void {
    if (admission._tag === "Refuse") {
      const { reason, retryAfterMillis, status } = admission
      const seconds = retryAfterMillis === undefined ? undefined : Math.ceil(retryAfterMillis / 1000)
      upgrade.refuse(status, reason, {
        ...(seconds === undefined ? {} : { "Retry-After": String(seconds) }),
        // RFC 9110 §11.6.1 asks for it; `Bearer` alone lets no browser open a dialogue
        ...(status === 401 ? { "WWW-Authenticate": "Bearer" } : {})
      })
      return
    }
    if (upgrade.socket.destroyed) return
    const key = upgrade.request.headers["sec-websocket-key"] as string
    const socket = upgrade.accept({
      "Sec-WebSocket-Accept": acceptOf(key),
      ...(protocol === undefined ? {} : { "Sec-WebSocket-Protocol": protocol })
    })
    const connection = new ServerConnection(nextConnectionId(peer.transport), peer, socket, this.shared)
    this.connections.add(connection)
    connection.start(admission.open)
  }

  private checkEmpty(): void {
    if (this.connections.size === 0 && this.deciding.size === 0) this.whenEmpty?.()
  }

  /** Tells every peer, and ends when the last is gone; each has its close timeout. */
  readonly closeAll: Effect.Effect<void> = Effect.callback((resume) => {
    this.whenEmpty = () => resume(Effect.void)
    this.closing = true
    for (const { fiber } of this.deciding) fiber?.interruptUnsafe()
    for (const connection of this.connections) connection.close(1001, "The server is going away")
    this.checkEmpty()
  })
}

export const listen = (
  host: HttpHostShape,
  settings: Settings,
  admit: Admit
): Effect.Effect<ReadonlyArray<string>, TransportError, Scope.Scope> =>
  Effect.gen(function* () {
    const turn = yield* Turn
    const run = Effect.runForkWith(yield* Effect.context<never>())
    const report = yield* makeReport
    const listening = yield* Effect.acquireRelease(
      Effect.sync(() => new Listening(settings, admit, turn, run, report)),
      (it) => it.closeAll
    )
    yield* host
      .upgrade({
        name: settings.name,
        path: settings.path,
        protocol: "websocket",
        scheme: "ws",
        handler: (upgrade) => listening.onUpgrade(upgrade)
      })
      .pipe(
        Effect.mapError(
          (conflict) =>
            new TransportError({
              reason: "listen",
              transport: settings.name,
              message: `${conflict.message} The option ${settings.name}.path says where this one is.`
            })
        )
      )
    const address = host.address("ws", settings.path)
    return address === undefined ? [] : [address]
  })

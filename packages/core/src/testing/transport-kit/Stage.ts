import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type { Admission, Admit, EncodeInto, PeerInfo, SendResult, TransportError } from "../../transport/Transport.ts"
import { until } from "../until.ts"
import type { KitLimits, RawPeer, TransportFixture, TransportHarness } from "./Harness.ts"
import { Recorder, type RecorderHooks } from "./Recorder.ts"

export const kitLimits: KitLimits = {
  maxFrameBytes: 256 * 1024,
  highWaterMark: 64 * 1024,
  maxPendingBytes: 1024 * 1024
}

export interface StageOptions {
  readonly limits?: Partial<KitLimits>
  /** Hooks of each accepted connection. */
  readonly server?: RecorderHooks
  /** Where the listener listens until; the scope of the case unless given. */
  readonly listening?: Scope.Scope
  readonly admit?: (peer: PeerInfo, accept: Admission) => Effect.Effect<Admission>
}

/** A listener that listens, with what its connections were told. */
export interface Stage {
  readonly fixture: TransportFixture
  readonly addresses: ReadonlyArray<string>
  readonly limits: KitLimits
  /** One per accepted connection, in the order in which they were opened. */
  readonly servers: ReadonlyArray<Recorder>
  readonly peers: ReadonlyArray<PeerInfo>
  readonly connect: (hooks?: RecorderHooks) => Effect.Effect<Recorder, TransportError, Scope.Scope>
  /** Connects and waits for the other side: `[client, server]`. */
  readonly pair: (
    hooks?: RecorderHooks
  ) => Effect.Effect<readonly [client: Recorder, server: Recorder], TransportError, Scope.Scope>
  /** A byte-level peer and its server side. */
  readonly raw: Effect.Effect<readonly [peer: RawPeer, server: Recorder], TransportError, Scope.Scope>
}

/** Sets a listener of `harness` up; when the scope closes, every recorder is checked for forbidden calls. */
export const stage = Effect.fnUntraced(function* (
  harness: TransportHarness,
  options: StageOptions = {}
): Effect.fn.Return<Stage, TransportError, Scope.Scope> {
  const limits: KitLimits = { ...kitLimits, ...options.limits }
  const servers: Array<Recorder> = []
  const peers: Array<PeerInfo> = []
  const clients: Array<Recorder> = []
  yield* Effect.addFinalizer((exit) =>
    Effect.sync(() => {
      if (exit._tag === "Failure") return
      for (const recorder of [...servers, ...clients]) recorder.check()
    })
  )
  const fixture = yield* harness.make(limits)
  const admit: Admit = (peer) => {
    peers.push(peer)
    const accept: Admission = {
      _tag: "Accept",
      open: (connection) => {
        const recorder = new Recorder(options.server)
        servers.push(recorder)
        return recorder.open(connection)
      }
    }
    return options.admit === undefined ? Effect.succeed(accept) : options.admit(peer, accept)
  }
  const listen = fixture.listener.listen(admit)
  const addresses = yield* options.listening === undefined ? listen : Scope.provide(listen, options.listening)
  const connect = Effect.fnUntraced(function* (hooks?: RecorderHooks) {
    const client = new Recorder(hooks)
    clients.push(client)
    yield* fixture.connector(addresses).connect(client.open)
    return client
  })
  const next = Effect.fnUntraced(function* (known: number) {
    yield* until("the listener opens the connection", () => servers.length > known)
    return servers[known] as Recorder
  })
  return {
    fixture,
    addresses,
    limits,
    servers,
    peers,
    connect,
    pair: Effect.fnUntraced(function* (hooks) {
      const known = servers.length
      const client = yield* connect(hooks)
      return [client, yield* next(known)] as const
    }),
    raw: Effect.gen(function* () {
      const known = servers.length
      assert.ok(fixture.raw, "the harness says `raw` and has none")
      const peer = yield* fixture.raw(addresses)
      return [peer, yield* next(known)] as const
    })
  }
})

/** Fails unless the frame was taken. */
export const took = (result: SendResult): void => assert.notEqual(result, "refused")

/** An encoder that writes `frame`. */
export const encodes =
  (frame: Uint8Array): EncodeInto =>
  (target, at) => {
    target.set(frame, at)
    return frame.length
  }

/** An encoder that fills `written` bytes and says that it wrote `said`. */
export const fills =
  (written: number, said: number): EncodeInto =>
  (target, at) => {
    target.fill(66, at, at + written)
    return said
  }

/** `length` bytes that the harness can carry, the same for the same seed. */
export const payload = (harness: TransportHarness, length: number, seed = length): Uint8Array =>
  harness.payload?.(length, seed) ?? bytes(length, seed)

/** Any bytes, the same for the same seed. */
export const bytes = (length: number, seed: number): Uint8Array => {
  const random = mulberry32(seed + 1)
  const made = new Uint8Array(length)
  for (let i = 0; i < length; i++) made[i] = random() * 256
  return made
}

/** A small generator with a 32-bit state (Tommy Ettinger's Mulberry32): numbers from 0 up to 1. */
export const mulberry32 = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Asserts that the same frames came, in the same order. */
export const same = (came: ReadonlyArray<Uint8Array>, sent: ReadonlyArray<Uint8Array>): void => {
  assert.equal(came.length, sent.length, "number of frames")
  for (let i = 0; i < sent.length; i++) {
    const a = came[i] as Uint8Array
    const b = sent[i] as Uint8Array
    assert.equal(a.length, b.length, `length of frame ${i}`)
    for (let k = 0; k < b.length; k++) if (a[k] !== b[k]) assert.fail(`frame ${i} differs at byte ${k}`)
  }
}

/** Waits until `recorder` has got `count` frames. */
export const got = (recorder: Recorder, count: number): Effect.Effect<void> =>
  until(`${count} frames`, () => recorder.count >= count || recorder.isClosed).pipe(
    Effect.tap(() => Effect.sync(() => assert.equal(recorder.count, count, "number of frames")))
  )

/** Waits until `recorder` was told that its connection is closed. */
export const closed = (recorder: Recorder): Effect.Effect<void> => until("onClose", () => recorder.isClosed)

export const join = (parts: ReadonlyArray<Uint8Array>): Uint8Array => Buffer.concat(parts)

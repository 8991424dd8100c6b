/** Two parties and a network that does what it likes, by random schedules. `SCHEDULES` sets how many; 300 unless given. */
import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import fc from "fast-check"
import { Crypto } from "../../src/crypto/Crypto.ts"
import * as NodeCrypto from "../../src/crypto/NodeCrypto.ts"
import * as Prekeys from "../../src/crypto/Prekeys.ts"
import * as SecureSession from "../../src/crypto/SecureSession.ts"
import { SessionLimits, SessionState } from "../../src/crypto/SessionState.ts"
import * as CryptoRecorder from "../../src/testing/CryptoRecorder.ts"
import { bytes, flipped, text } from "../../src/testing/secure-kit/Check.ts"
import { Party, person } from "../../src/testing/secure-kit/Parties.ts"

type Side = "alice" | "bob"

type Action =
  | { readonly _tag: "Write"; readonly side: Side }
  /** Any message again, for the first or the tenth time; one that was never delivered is dropped. */
  | { readonly _tag: "Deliver"; readonly pick: number }
  | { readonly _tag: "Flip"; readonly pick: number; readonly bit: number }
  | { readonly _tag: "Reflect"; readonly pick: number }
  /** The process dies, and comes back with the state `age` saves ago. */
  | { readonly _tag: "Crash"; readonly side: Side; readonly age: number }

const side = fc.constantFrom<Side>("alice", "bob")
const pick = fc.nat()
const actions = (age: fc.Arbitrary<number>) =>
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ _tag: fc.constant("Write" as const), side }) },
      { weight: 5, arbitrary: fc.record({ _tag: fc.constant("Deliver" as const), pick }) },
      { weight: 1, arbitrary: fc.record({ _tag: fc.constant("Flip" as const), pick, bit: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ _tag: fc.constant("Reflect" as const), pick }) },
      { weight: 1, arbitrary: fc.record({ _tag: fc.constant("Crash" as const), side, age }) }
    ),
    { minLength: 1, maxLength: 60 }
  )

/** What refuses a message; anything else that fails is a mistake of ours. */
const REFUSALS = ["SecureSessionError", "MessageReplayed", "PeerRolledBack"]

class World {
  readonly recorder: CryptoRecorder.CryptoRecorder
  readonly parties: { readonly [S in Side]: Party }
  readonly saves: { readonly [S in Side]: Array<string> } = { alice: [], bob: [] }
  readonly sent: Array<{ readonly to: Side; readonly message: Uint8Array; readonly content: string; reads: number }> =
    []
  rolledBack = false

  constructor(recorder: CryptoRecorder.CryptoRecorder, alice: Party, bob: Party) {
    this.recorder = recorder
    this.parties = { alice, bob }
  }

  readonly save = (side: Side) =>
    Effect.map(Schema.encodeEffect(SessionState)(this.parties[side].session), (saved) => {
      this.saves[side].push(JSON.stringify(saved))
    })

  readonly run = (action: Action) =>
    Effect.gen({ self: this }, function* () {
      if (action._tag === "Write") {
        const content = `${action.side} ${this.sent.length}`
        const message = yield* this.parties[action.side].write(content)
        yield* this.save(action.side)
        this.sent.push({ to: action.side === "alice" ? "bob" : "alice", message, content, reads: 0 })
      } else if (action._tag === "Crash") {
        const saves = this.saves[action.side]
        const kept = Math.max(1, saves.length - action.age)
        this.rolledBack ||= kept < saves.length
        saves.length = kept
        this.parties[action.side].session = yield* Schema.decodeUnknownEffect(SessionState)(JSON.parse(saves.at(-1)!))
      } else if (this.sent.length > 0) {
        const entry = this.sent[action.pick % this.sent.length]!
        if (action._tag === "Deliver") yield* this.deliver(entry)
        if (action._tag === "Flip") {
          yield* this.refuses(entry.to, flipped(entry.message, action.bit % (entry.message.length * 8)))
        }
        if (action._tag === "Reflect") yield* this.refuses(entry.to === "alice" ? "bob" : "alice", entry.message)
      }
    })

  private readonly deliver = (entry: World["sent"][number]) =>
    Effect.gen({ self: this }, function* () {
      const exit = yield* Effect.exit(this.parties[entry.to].open(entry.message))
      if (Exit.isSuccess(exit)) {
        assert.equal(text(exit.value), entry.content, "a wrong plaintext")
        entry.reads++
        assert.ok(entry.reads === 1 || this.rolledBack, "a message was read twice")
        yield* this.save(entry.to)
        return
      }
      assert.ok(this.rolledBack || entry.reads === 1, `a message was not read: ${exit.cause}`)
      this.isRefusal(exit.cause)
    })

  private readonly refuses = (side: Side, message: Uint8Array) =>
    Effect.gen({ self: this }, function* () {
      const before = this.parties[side].session
      const exit = yield* Effect.exit(this.parties[side].open(message))
      assert.ok(Exit.isFailure(exit), "a message that nobody sent was read")
      this.isRefusal(exit.cause)
      assert.equal(this.parties[side].session, before, "a refused message changed the state")
    })

  private readonly isRefusal = (cause: Exit.Failure<unknown, { readonly _tag: string }>["cause"]) => {
    const [reason] = cause.reasons
    assert.ok(reason?._tag === "Fail" && REFUSALS.includes(reason.error._tag), String(cause))
  }
}

const world = Effect.gen(function* () {
  const recorder = CryptoRecorder.make(yield* Crypto)
  const start = Effect.gen(function* () {
    const [alicePerson, bobPerson] = [yield* person, yield* person]
    const alice = new Party(yield* SecureSession.initiate(alicePerson.identity, bobPerson.bundle))
    const { message, session } = yield* SecureSession.encrypt(alice.session, bytes("hello"))
    const bob = yield* SecureSession.accept(bobPerson.prekeys, message)
    assert.equal(Prekeys.oneTimePrekeys(bob.prekeys).length, 1)
    return new World(recorder, new Party(session), new Party(bob.session))
  })
  const made = yield* Effect.provideService(start, Crypto, recorder.crypto)
  yield* made.save("alice")
  yield* made.save("bob")
  return made
})

const holds = (schedule: ReadonlyArray<Action>) =>
  Effect.gen(function* () {
    const made = yield* world
    const all = Effect.forEach(schedule, made.run, { discard: true })
    yield* Effect.provideService(all, Crypto, made.recorder.crypto)
    assert.deepEqual(made.recorder.reused(), [], "a key and nonce were used twice")
    for (const party of ["alice", "bob"] as const)
      assert.ok(made.saves[party].at(-1)!.length < 60_000, "the state stays small")
  }).pipe(
    // messages of any age are to be read, so that a refusal is a mistake
    Effect.provideService(SessionLimits, {
      maxSkippedPerChain: 100,
      maxSkipped: 1000,
      maxChains: 100,
      skippedLifetime: "7 days"
    }),
    Effect.provide(NodeCrypto.layer)
  )

const numRuns = Number(process.env["SCHEDULES"] ?? 300)

describe("a session under random schedules", () => {
  it(
    "reads every message once and right, with crashes after which the last saved state is loaded",
    () =>
      fc.assert(
        fc.asyncProperty(actions(fc.constant(0)), (schedule) => Effect.runPromise(holds(schedule))),
        { numRuns }
      ),
    600_000
  )

  it(
    "never reads a wrong plaintext and never uses a nonce twice, with old states restored",
    () =>
      fc.assert(
        fc.asyncProperty(actions(fc.nat(5)), (schedule) => Effect.runPromise(holds(schedule))),
        { numRuns }
      ),
    600_000
  )
})

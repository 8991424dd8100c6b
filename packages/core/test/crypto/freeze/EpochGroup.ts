/**
 * A throw-away `GroupCrypto` shaped like MLS and unlike sender keys: one secret for all that changes by epochs, commits by
 * one member that all others follow, proposals that somebody else commits, and messages with random nonces under the epoch's
 * secret. It has neither a tree nor forward secrecy within an epoch; its commits travel by the pairwise sessions.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Crypto, type CryptoShape } from "../../../src/crypto/Crypto.ts"
import { type Delivery, type Group, GroupCrypto, type GroupCryptoShape } from "../../../src/crypto/GroupCrypto.ts"
import { GroupError } from "../../../src/crypto/GroupError.ts"
import { MessageReplayed } from "../../../src/crypto/SecureSessionError.ts"

const PROTOCOL = "epochs-0"
const Base64 = Schema.Uint8ArrayFromBase64

const State = Schema.Struct({
  epoch: Schema.Int,
  secret: Base64,
  signingKey: Schema.RedactedFromValue(Base64),
  /** Signing keys of the members who have said theirs. */
  roster: Schema.Record(Schema.String, Base64),
  /** Secrets of past epochs, for messages under way. */
  past: Schema.Record(Schema.String, Base64),
  read: Schema.Array(Schema.String)
})
type State = typeof State.Type

const Saved = Schema.Struct({
  protocol: Schema.Literal(PROTOCOL),
  id: Schema.String,
  self: Schema.String,
  members: Schema.Array(Schema.String),
  generation: Schema.Int,
  secrets: Schema.RedactedFromValue(State)
})

/** `commit`: the next epoch. `hello`: a member's signing key. `leave`: a proposal that the first of the others commits. */
const Payload = Schema.fromJsonString(
  Schema.Union([
    Schema.Struct({
      kind: Schema.Literal("commit"),
      group: Schema.String,
      members: Schema.Array(Schema.String),
      epoch: Schema.Int,
      secret: Base64,
      roster: Schema.Record(Schema.String, Base64)
    }),
    Schema.Struct({ kind: Schema.Literal("hello"), group: Schema.String, publicKey: Base64 }),
    Schema.Struct({ kind: Schema.Literal("leave"), group: Schema.String })
  ])
)
type Payload = typeof Payload.Type

const Message = Schema.fromJsonString(Schema.Struct({ body: Schema.String, signature: Base64 }))
const Body = Schema.fromJsonString(
  Schema.Struct({
    group: Schema.String,
    sender: Schema.String,
    epoch: Schema.Int,
    members: Schema.String,
    nonce: Base64,
    sealed: Base64
  })
)

const utf8 = (text: string) => new TextEncoder().encode(text)
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")
const fail = (reason: GroupError["reason"]) => Effect.fail(new GroupError({ reason, message: `Refused: ${reason}.` }))

const write = <S extends Schema.Codec<A, string>, A>(schema: S, value: A) =>
  Effect.map(Effect.orDie(Schema.encodeEffect(schema)(value)), utf8)

const read = <A>(schema: Schema.Codec<A, string>, bytes: Uint8Array) =>
  Effect.try({ try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes), catch: () => "not text" }).pipe(
    Effect.flatMap(Schema.decodeEffect(schema)),
    Effect.catch(() => fail("malformed"))
  )

const make = (crypto: CryptoShape): GroupCryptoShape => {
  const stateOf = (group: Group) => Redacted.value(group.secrets) as State
  const next = (group: Group, state: State, members = group.members): Group => ({
    ...group,
    members: [...members].sort(),
    generation: group.generation + 1,
    secrets: Redacted.make(state)
  })
  const others = (group: Group) => group.members.filter((member) => member !== group.self)
  const send = (to: ReadonlyArray<string>, payload: Payload) =>
    Effect.map(
      write(Payload, payload),
      (bytes): ReadonlyArray<Delivery> => (to.length === 0 ? [] : [{ to, payload: bytes, confidential: true }])
    )

  /** The next epoch, made by this member for these. */
  const commit = Effect.fnUntraced(function* (group: Group, members: ReadonlyArray<string>) {
    const state = stateOf(group)
    const roster = Object.fromEntries(Object.entries(state.roster).filter(([name]) => members.includes(name)))
    const past = { ...state.past, [state.epoch]: state.secret }
    const fresh = { ...state, epoch: state.epoch + 1, secret: yield* crypto.random(32), roster, past }
    const changed = next(group, fresh, members)
    const { epoch, secret } = fresh
    const payload = { kind: "commit" as const, group: group.id, members: changed.members, epoch, secret, roster }
    return { group: changed, deliveries: yield* send(others(changed), payload) }
  })

  const create = Effect.fnUntraced(function* (id: string, self: string) {
    const { privateKey, publicKey } = yield* crypto.signingKeys
    const secret = yield* crypto.random(32)
    const state = { epoch: 0, secret, signingKey: privateKey, roster: { [self]: publicKey }, past: {}, read: [] }
    return { protocol: PROTOCOL, id, self, members: [self], generation: 0, secrets: Redacted.make(state) }
  })

  return {
    schema: Saved,
    create,
    join: Effect.fnUntraced(function* (self, from, bytes) {
      const payload = yield* read(Payload, bytes)
      if (payload.kind !== "commit") return yield* fail("malformed")
      if (!payload.members.includes(self) || !payload.members.includes(from)) return yield* fail("not-a-member")
      const alone = yield* create(payload.group, self)
      const { epoch, members, secret } = payload
      const own = stateOf(alone)
      const state = { ...own, epoch, secret, roster: { ...payload.roster, ...own.roster } }
      const group = next(alone, state, members)
      const publicKey = own.roster[self]!
      return { group, deliveries: yield* send(others(group), { kind: "hello", group: group.id, publicKey }) }
    }),
    add: (group, members) => commit(group, [...new Set([...group.members, ...members])]),
    remove: Effect.fnUntraced(function* (group, members) {
      if (members.some((member) => !others(group).includes(member))) return yield* fail("not-a-member")
      return yield* commit(
        group,
        group.members.filter((member) => !members.includes(member))
      )
    }),
    leave: (group) => send(others(group), { kind: "leave", group: group.id }),
    rekey: (group) => commit(group, group.members),
    receive: Effect.fnUntraced(function* (group, from, bytes) {
      const payload = yield* read(Payload, bytes)
      if (payload.group !== group.id) return yield* fail("other-group")
      if (!others(group).includes(from)) return yield* fail("not-a-member")
      const state = stateOf(group)
      const none = { added: [], removed: [], deliveries: [] }
      if (payload.kind === "hello") {
        const roster = { ...state.roster, [from]: payload.publicKey }
        return { ...none, group: next(group, { ...state, roster }) }
      }
      if (payload.kind === "leave") {
        const left = group.members.filter((member) => member !== from)
        if (left[0] !== group.self) return { ...none, group }
        return { ...none, ...(yield* commit(group, left)), removed: [from] }
      }
      const { epoch, members, roster, secret } = payload
      if (!members.includes(group.self)) return { ...none, group, removed: [group.self] }
      const past = { ...state.past, [state.epoch]: state.secret }
      return {
        added: members.filter((member) => !group.members.includes(member)),
        removed: group.members.filter((member) => !members.includes(member)),
        deliveries: [],
        group: next(group, { ...state, epoch, secret, past, roster: { ...roster, ...state.roster } }, members)
      }
    }),
    encrypt: Effect.fnUntraced(function* (group, plaintext, extra) {
      const { epoch, secret, signingKey } = stateOf(group)
      const nonce = yield* crypto.random(24)
      const sealed = yield* crypto.seal(
        "xchacha20-poly1305",
        Redacted.make(secret),
        nonce,
        plaintext,
        extra?.associatedData
      )
      const members = group.members.join()
      const body = yield* Effect.orDie(
        Schema.encodeEffect(Body)({ group: group.id, sender: group.self, epoch, members, nonce, sealed })
      )
      const signature = yield* crypto.sign(signingKey, utf8(body))
      return { group: next(group, stateOf(group)), deliveries: [], message: yield* write(Message, { body, signature }) }
    }),
    decrypt: Effect.fnUntraced(function* (group, message, extra) {
      const state = stateOf(group)
      const { body, signature } = yield* read(Message, message)
      const parsed = yield* read(Body, utf8(body))
      if (parsed.group !== group.id) return yield* fail("other-group")
      // another spelling of the same message is another message
      if (hexOf(yield* write(Message, { body, signature })) !== hexOf(message)) return yield* fail("malformed")
      const publicKey = group.members.includes(parsed.sender) ? state.roster[parsed.sender] : undefined
      const secret = parsed.epoch === state.epoch ? state.secret : state.past[String(parsed.epoch)]
      if (publicKey === undefined || secret === undefined) return yield* fail("unknown-key")
      if (!(yield* crypto.verify(publicKey, utf8(body), signature))) return yield* fail("forged")
      const mark = hexOf(parsed.nonce)
      if (state.read.includes(mark)) return yield* new MessageReplayed({ number: parsed.epoch })
      const open = crypto.open(
        "xchacha20-poly1305",
        Redacted.make(secret),
        parsed.nonce,
        parsed.sealed,
        extra?.associatedData
      )
      const plaintext = yield* Effect.catchTag(open, "OpenFailed", () => fail("altered"))
      return {
        group: next(group, { ...state, read: [...state.read, mark] }),
        sender: parsed.sender,
        plaintext,
        sameMembers: parsed.members === group.members.join()
      }
    })
  }
}

export const layer: Layer.Layer<GroupCrypto, never, Crypto> = Layer.effect(GroupCrypto, Effect.map(Crypto, make))

import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomBytes } from "node:crypto"
import type { Crypto } from "@mortise/core/crypto/Crypto"
import { GroupCrypto } from "@mortise/core/crypto/GroupCrypto"
import * as Identity from "@mortise/core/crypto/Identity"
import * as NodeCrypto from "@mortise/core/crypto/NodeCrypto"
import * as Prekeys from "@mortise/core/crypto/Prekeys"
import * as SealedStream from "@mortise/core/crypto/SealedStream"
import * as SecureSession from "@mortise/core/crypto/SecureSession"
import * as SenderKeys from "@mortise/core/crypto/SenderKeys"
import * as WebCrypto from "@mortise/core/crypto/WebCrypto"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { CryptoCase, Loop } from "./Case.ts"

type Platform = Layer.Layer<Crypto>

/** One fiber does `once` so often; what it needs is made before the clock runs. */
const loop = <R>(
  layer: Layer.Layer<R>,
  make: Effect.Effect<Effect.Effect<unknown, unknown, R>, unknown, R>
): Promise<Loop> =>
  Effect.runPromise(
    Effect.gen(function* () {
      const context = yield* Effect.context<R>()
      const once = yield* make
      return (count: number) =>
        Effect.runPromiseWith(context)(
          Effect.gen(function* () {
            for (let i = 0; i < count; i++) yield* once
          }).pipe(Effect.orDie)
        )
    }).pipe(Effect.provide(layer), Effect.orDie)
  )

const talking = Effect.gen(function* () {
  const [ada, ben] = [yield* Identity.make, yield* Identity.make]
  const prekeys = yield* Prekeys.make(ben, { oneTime: 0 })
  const started = yield* SecureSession.initiate(ada, Prekeys.bundle(prekeys))
  const first = yield* SecureSession.encrypt(started, new Uint8Array(1))
  const accepted = yield* SecureSession.accept(prekeys, first.message)
  const answer = yield* SecureSession.encrypt(accepted.session, new Uint8Array(1))
  return { ada: (yield* SecureSession.decrypt(first.session, answer.message)).session, ben: answer.session }
})

/** Encrypts on one side and decrypts on the other; `turns` lets the sides take turns, which costs a ratchet step each. */
const ratchet = (layer: Platform, length: number, turns: boolean) =>
  loop(
    layer,
    Effect.map(talking, (sessions) => {
      const plaintext = new Uint8Array(length)
      let [from, to] = [sessions.ada, sessions.ben]
      return Effect.gen(function* () {
        const sent = yield* SecureSession.encrypt(from, plaintext)
        const received = yield* SecureSession.decrypt(to, sent.message)
        ;[from, to] = turns ? [received.session, sent.session] : [sent.session, received.session]
      })
    })
  )

/** What a message cannot do without, on node:crypto: two chain steps, header and body sealed and opened, one random value. */
const primitives = (length: number): Loop => {
  const [bytes, plain, header] = [randomBytes(32), new Uint8Array(length), new Uint8Array(40)]
  const tag = { authTagLength: 16 } as const
  // every message has keys of its own, and Node takes bytes much more slowly than a key object made of them
  const step = () => {
    const key = createSecretKey(bytes)
    createHmac("sha256", key).update(Uint8Array.of(1)).digest()
    createHmac("sha256", key).update(Uint8Array.of(2)).digest()
  }
  const there = (nonce: Uint8Array, data: Uint8Array) => {
    const cipher = createCipheriv("chacha20-poly1305", createSecretKey(bytes), nonce, tag)
    cipher.setAAD(header, { plaintextLength: data.length })
    return Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()])
  }
  const back = (nonce: Uint8Array, data: Uint8Array) => {
    const decipher = createDecipheriv("chacha20-poly1305", createSecretKey(bytes), nonce, tag)
    decipher.setAAD(header, { plaintextLength: data.length - 16 })
    decipher.setAuthTag(data.subarray(-16))
    return Buffer.concat([decipher.update(data.subarray(0, -16)), decipher.final()])
  }
  return (count) => {
    for (let i = 0; i < count; i++) {
      const nonce = randomBytes(12)
      step()
      const [sealedHeader, sealedBody] = [there(nonce, header), there(nonce, plain)]
      back(nonce, sealedHeader)
      step()
      back(nonce, sealedBody)
    }
  }
}

const start = (layer: Platform) =>
  loop(
    layer,
    Effect.gen(function* () {
      const [ada, ben] = [yield* Identity.make, yield* Identity.make]
      const prekeys = yield* Prekeys.make(ben, { oneTime: 1 })
      const [oneTimePrekey] = Prekeys.oneTimePrekeys(prekeys)
      const published = Prekeys.bundle(prekeys)
      const bundle = oneTimePrekey ? { ...published, oneTimePrekey } : published
      return Effect.gen(function* () {
        const { message } = yield* SecureSession.encrypt(yield* SecureSession.initiate(ada, bundle), new Uint8Array(1))
        yield* SecureSession.accept(prekeys, message)
      })
    })
  )

const groupOf = Effect.fnUntraced(function* (size: number) {
  const groups = yield* GroupCrypto
  const alone = yield* groups.create("bench", "member 0")
  return yield* groups.add(
    alone,
    Array.from({ length: size - 1 }, (_, index) => `member ${index + 1}`)
  )
})

const group = (layer: Platform) =>
  loop(
    Layer.provideMerge(SenderKeys.layer({ rekeyEvery: 2 ** 31 }), layer),
    Effect.gen(function* () {
      const groups = yield* GroupCrypto
      const made = yield* groupOf(2)
      const welcome = made.deliveries[0]
      if (welcome === undefined) return yield* Effect.die(new Error("nobody was welcomed"))
      let [from, to] = [made.group, (yield* groups.join("member 1", "member 0", welcome.payload)).group]
      return Effect.gen(function* () {
        const sent = yield* groups.encrypt(from, new Uint8Array(64))
        ;[from, to] = [sent.group, (yield* groups.decrypt(to, sent.message)).group]
      })
    })
  )

const stream = (layer: Platform) =>
  loop(
    layer,
    Effect.map(SealedStream.makeKey, (key) => {
      const pieces = Stream.fromArray(Array.from({ length: 32 }, () => new Uint8Array(32 * 1024)))
      return Stream.runDrain(SealedStream.open(SealedStream.seal(pieces, { key }), { key }))
    })
  )

/** Sessions, groups and sealed streams: an operation is everything that both sides do for one message, start or MiB. */
export const protocols = async (): Promise<ReadonlyArray<CryptoCase>> => {
  const both = async (make: (layer: Platform) => Promise<Loop>) => ({
    mortise: await make(NodeCrypto.layer),
    "mortise-web": await make(WebCrypto.layer)
  })
  const cases: Array<CryptoCase> = []
  for (const [size, length] of [
    ["64B", 64],
    ["32KiB", 32 * 1024]
  ] as const) {
    const subjects = { node: primitives(length), ...(await both((layer) => ratchet(layer, length, false))) }
    cases.push({ name: `ratchet/one-way/${size}`, ratioTo: "node", subjects })
  }
  return [
    ...cases,
    { name: "ratchet/turns/64B", ratioTo: "mortise", subjects: await both((layer) => ratchet(layer, 64, true)) },
    { name: "ratchet/start", ratioTo: "mortise", subjects: await both(start) },
    { name: "group/64B", ratioTo: "mortise", subjects: await both(group) },
    { name: "sealed-stream/1MiB", ratioTo: "mortise", subjects: await both(stream) }
  ]
}

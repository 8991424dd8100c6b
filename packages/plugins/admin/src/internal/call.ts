/** Sends one message to the app as a client would, and passes on what comes back. */
import { nearest } from "@mortise/core/app/ConfigSchema"
import type { Gateway, ServedMessage } from "@mortise/core/transport/Gateway"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Call, type Heard, MAX_PAYLOAD_BYTES, type MessageInfo } from "../AdminContract.ts"
import { type AppConnection, type Fault, fault, faultOf, LISTENER, open, type Said } from "./AppConnection.ts"

/** As the list of messages tells it. */
export const described = ({ message: { definition, kind, name, requires }, on }: ServedMessage): MessageInfo => ({
  name,
  kind: kind === "request" && definition.stream === true ? "stream" : (kind as MessageInfo["kind"]),
  ...(on === undefined ? {} : { on: [...on] }),
  ...(requires === undefined ? {} : { requires })
})

/** Names that were probably meant: the closest, and those of other contracts with the same tag. */
const meant = (name: string, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const tag = name.slice(name.lastIndexOf(".") + 1)
  const close = nearest(name, names)
  const alike = names.filter((each) => each.slice(each.indexOf(".") + 1) === tag)
  return [...new Set(close === undefined ? alike : [close, ...alike])].slice(0, 3)
}

/** The message of this name; fails with a fault where clients of this listener cannot send it. */
const find = Effect.fnUntraced(function* (gateway: Gateway["Service"], name: string) {
  const messages = (yield* gateway.messages).map(described)
  const found = messages.find((each) => each.name === name)
  if (found === undefined) {
    const near = meant(
      name,
      messages.map((each) => each.name)
    )
    const hint = near.length === 0 ? "`mortise call` lists what there is" : `did you mean ${near.join(" or ")}?`
    return yield* Effect.fail(fault("UNKNOWN_MESSAGE", `There is no message ${JSON.stringify(name)}: ${hint}`))
  }
  if (found.kind === "event" || found.kind === "relay") {
    const why = found.kind === "event" ? "is an event: the app tells it to its clients" : "is a relay between clients"
    return yield* Effect.fail(fault("NOT_CALLABLE", `${name} ${why}; requests, streams and signals can be called`))
  }
  if (found.on !== undefined && !found.on.includes(LISTENER)) {
    const where = found.on.join(", ")
    return yield* Effect.fail(
      fault("NOT_SERVED_HERE", `${name} is served on ${where} only: connect there as a client does`)
    )
  }
  return found
})

/** Fails with a fault where it is no JSON, or too much. */
const checked = (name: string, payload: string): Effect.Effect<void, Fault> =>
  Effect.suspend(() => {
    if (Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES)
      return Effect.fail(fault("BAD_PAYLOAD", `The payload of ${name} is larger than ${MAX_PAYLOAD_BYTES} bytes`))
    try {
      JSON.parse(payload)
      return Effect.void
    } catch (cause) {
      return Effect.fail(fault("BAD_PAYLOAD", `The payload of ${name} is no JSON: ${(cause as Error).message}`))
    }
  })

/** The only message of its connection. */
const ID = 1

/** The payload goes as it came: it was read once, so that it cannot be more than one value. */
const frame = (kind: "request" | "signal", { name, payload, timeoutMillis }: Call): string => {
  const head = JSON.stringify({
    kind,
    ...(kind === "request" ? { id: ID } : {}),
    name,
    ...(timeoutMillis === undefined ? {} : { meta: [["deadline", String(timeoutMillis)]] })
  })
  return payload === undefined ? head : `${head.slice(0, -1)},"payload":${payload}}`
}

const text = (value: unknown): Effect.Effect<string, Fault> =>
  Effect.try({
    try: () => JSON.stringify(value),
    catch: () => fault("INTERNAL", "What the app answered nests too deeply to be shown")
  })

/** What one frame adds to the answer; nothing where it is the end. */
const heard = (said: Said): Effect.Effect<Heard | undefined, Fault> => {
  const wrong = faultOf(said)
  if (wrong !== undefined) return Effect.fail(wrong)
  if (said.kind === "item") return Effect.map(text(said.payload), (json) => ({ _tag: "Item", json }))
  if (said.error !== undefined) return Effect.map(text(said.error), (json) => ({ _tag: "Declared", json }))
  if (said.kind === "end") return Effect.succeed(undefined)
  if (said.payload === undefined) return Effect.succeed({ _tag: "Answer" })
  return Effect.map(text(said.payload), (json) => ({ _tag: "Answer", json }))
}

const answers = (connection: AppConnection): Stream.Stream<Heard, Fault> => {
  let over = false
  const pull = Effect.suspend((): Effect.Effect<readonly [Heard], Fault | Cause.Done<void>> => {
    if (over) return Cause.done()
    return Effect.flatMap(Effect.flatMap(connection.next, heard), (one) => {
      over = one?._tag !== "Item"
      return one === undefined ? Cause.done() : Effect.succeed([one] as const)
    })
  })
  return Stream.fromPull<Heard, Fault | Cause.Done<void>, never, never, never>(Effect.succeed(pull)) as Stream.Stream<
    Heard,
    Fault
  >
}

/** Waits until everything before it was looked at; fails with the fault that came of it. */
const pong = Effect.fnUntraced(function* (connection: AppConnection) {
  yield* connection.say(`{"kind":"control","payload":{"type":"ping"}}`)
  const wrong = faultOf(yield* connection.next)
  if (wrong !== undefined) return yield* Effect.fail(wrong)
})

/** A signal has no answer, and its handler ends with its connection: the connection stays until it has run. */
const sent = Effect.fnUntraced(function* (gateway: Gateway["Service"], connection: AppConnection) {
  yield* pong(connection)
  yield* gateway.idle(connection.id)
  yield* pong(connection)
  return { _tag: "Sent" } as const
})

/** What the call comes to; its last element may be a fault. Whoever stops reading gives the message up. */
export const call = (gateway: Gateway["Service"], wanted: Call): Stream.Stream<Heard> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const { kind } = yield* find(gateway, wanted.name)
      if (wanted.payload !== undefined) yield* checked(wanted.name, wanted.payload)
      const connection = yield* open(gateway, wanted.token)
      yield* connection.say(frame(kind === "signal" ? "signal" : "request", wanted))
      return kind === "signal" ? Stream.fromEffect(sent(gateway, connection)) : answers(connection)
    })
  ).pipe(Stream.catch((wrong) => Stream.succeed<Heard>(wrong)))

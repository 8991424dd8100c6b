/** `call`: sends one message to the app, and shows what comes back. */
import type { Client } from "@mortise/core/client/Client"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Admin, type Heard, MAX_PAYLOAD_BYTES, type MessageInfo } from "../../AdminContract.ts"
import { AdminCallFailed, AdminCommandRefused } from "../../AdminError.ts"
import { harmless, lines } from "./lines.ts"

export interface CallOptions {
  readonly json?: boolean | undefined
  readonly token?: string | undefined
  /** Seconds, as they were typed. */
  readonly timeout?: string | undefined
  readonly input: NodeJS.ReadableStream
  readonly print: (text: string) => void
}

const refused = (reason: string) => new AdminCommandRefused({ reason })

/** All of a stream as text; more than a payload may have is refused before it is kept. */
const read = (input: NodeJS.ReadableStream): Effect.Effect<string, AdminCommandRefused> =>
  Effect.callback((resume) => {
    const pieces: Array<Buffer> = []
    let bytes = 0
    const take = (piece: Buffer | string) => {
      const taken = Buffer.from(piece)
      pieces.push(taken)
      bytes += taken.length
      if (bytes <= MAX_PAYLOAD_BYTES) return
      stop()
      resume(
        Effect.fail(refused(`Standard input has more than ${MAX_PAYLOAD_BYTES} bytes, which is all that a call takes.`))
      )
    }
    const end = () =>
      resume(
        Effect.try({
          try: () => new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(pieces)),
          catch: () => refused("Standard input is not UTF-8.")
        })
      )
    const fail = (error: Error) => resume(Effect.fail(refused(`Standard input cannot be read: ${error.message}`)))
    // who types would keep the process alive otherwise
    const stop = () => {
      input.off("data", take).off("end", end).off("error", fail)
      if ("destroy" in input && typeof input.destroy === "function") input.destroy()
    }
    input.on("data", take).on("end", end).on("error", fail)
    return Effect.sync(stop)
  })

const payloadOf = Effect.fnUntraced(function* (word: string | undefined, input: NodeJS.ReadableStream) {
  if (word === undefined) return undefined
  const text = word === "-" ? yield* read(input) : word
  if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES)
    return yield* refused(`A payload has at most ${MAX_PAYLOAD_BYTES} bytes.`)
  return yield* Effect.try({
    try: () => (JSON.parse(text), text),
    catch: (error) =>
      refused(
        `The payload is no JSON: ${harmless((error as Error).message)}.\nQuote it for your shell: '{"room":"lobby"}'`
      )
  })
})

const millisOf = (seconds: string | undefined): Effect.Effect<number | undefined, AdminCommandRefused> => {
  if (seconds === undefined) return Effect.succeed(undefined)
  const millis = Math.ceil(Number(seconds) * 1000)
  return /^\d+(\.\d+)?$/.test(seconds) && millis >= 1 && millis <= 86_400_000
    ? Effect.succeed(millis)
    : Effect.fail(refused(`--timeout takes seconds, up to a day; ${JSON.stringify(seconds)} is none of that.`))
}

const pretty = (json: string): string => {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2)
  } catch {
    // it nests too deeply to be laid out
    return json
  }
}

const failed = (text: string, json: boolean) => Effect.fail(new AdminCallFailed({ text: harmless(text), json }))

const show = (name: string, heard: Heard, { json = false, print }: CallOptions) =>
  Effect.suspend((): Effect.Effect<void, AdminCallFailed> => {
    switch (heard._tag) {
      case "Answer":
        if (json) print(harmless(heard.json ?? "null"))
        else
          print(heard.json === undefined ? `${name} is done; it answers with no data.` : harmless(pretty(heard.json)))
        return Effect.void
      case "Item":
        print(harmless(heard.json))
        return Effect.void
      case "Sent":
        print(json ? "null" : `${name} was sent.`)
        return Effect.void
      case "Declared":
        return failed(json ? heard.json : pretty(heard.json), true)
      case "Fault": {
        const { _tag, ...fault } = heard
        const found = heard.reference === undefined ? "" : `, reference ${heard.reference}`
        return json
          ? failed(JSON.stringify({ fault }), true)
          : failed(`${heard.message} [${heard.code}${found}]`, false)
      }
    }
  })

const audience = ({ on, requires }: MessageInfo): string => {
  const who =
    requires === undefined || requires === "none" || requires === "optional"
      ? ""
      : requires === "required"
        ? "  with --token"
        : `  with --token of scope ${requires.toString()}`
  return on === undefined ? who : `${who}  on ${on.join(", ")} only`
}

const list = (messages: ReadonlyArray<MessageInfo>): string =>
  messages.length === 0
    ? "The app serves no messages."
    : lines(messages.map((each) => [each.name, `${each.kind}${audience(each)}`] as const))

/** Without words: what the app serves. */
export const call = Effect.fnUntraced(function* (
  { request }: Client<(typeof Admin)["spec"]>,
  [name, word, ...more]: ReadonlyArray<string>,
  options: CallOptions
) {
  if (name === undefined) {
    const messages = yield* request.messages()
    return options.print(options.json === true ? JSON.stringify(messages, undefined, 2) : list(messages))
  }
  if (more.length > 0)
    return yield* refused(
      `call takes a message and its payload, as one word: '{"room":"lobby"}'. There is ${more[0]} behind it.`
    )
  const timeoutMillis = yield* millisOf(options.timeout)
  const payload = yield* payloadOf(word, options.input)
  const wanted = {
    name,
    ...(payload === undefined ? {} : { payload }),
    ...(options.token === undefined ? {} : { token: options.token }),
    ...(timeoutMillis === undefined ? {} : { timeoutMillis })
  }
  yield* Stream.runForEach(request.call(wanted), (heard) => show(name, heard, options))
})

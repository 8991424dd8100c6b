/// <reference lib="dom" />
/** Sealed private messages in the page, as in the terminal; the keys are in the browser's database. */
import { Bundle } from "@mortise/core/crypto/Bundle"
import { PublicIdentity } from "@mortise/core/crypto/Identity"
import * as WebCrypto from "@mortise/core/crypto/WebCrypto"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { commandsOf } from "../sealed/commands.ts"
import { NoKeys, NotHere, Published, Wanted } from "../sealed/contract.ts"
import * as Sealing from "../sealed/Sealing.ts"
import { SealingError } from "../sealed/SealingError.ts"
import type { Page } from "./Page.ts"
import { browserVault } from "./Vault.ts"

/** The server did not do what was asked; the message is for people. */
class RequestFailed extends Schema.TaggedError<RequestFailed>()("RequestFailed", { message: Schema.String }) {}

const toJson = Schema.encodeSync(Schema.toCodecJson(Published))
const bundleOf = Schema.decodeUnknownSync(Schema.toCodecJson(Bundle))
const identityOf = Schema.decodeUnknownSync(Schema.toCodecJson(PublicIdentity))
const wantedOf = Schema.decodeUnknownSync(Wanted)

/** The contract `sealed` over the page's own connection. */
const serverOf = ({ explain, me, server }: Page): Sealing.Server => {
  const ask = <A>(message: string, payload: unknown, read: (answer: unknown) => A) =>
    Effect.tryPromise({
      try: async () => read(await server.request(message, payload)),
      catch: (error) => ({ tag: error instanceof Error && "tag" in error ? error.tag : undefined, error })
    })
  const failed = ({ error }: { readonly error: unknown }) => new RequestFailed({ message: explain(error) })
  const about = <A>(message: string, name: string, read: (answer: unknown) => A) =>
    Effect.mapError(ask(message, { name }, read), (refused) => {
      if (refused.tag === "NoKeys") return new NoKeys({ name })
      return refused.tag === "NotHere" ? new NotHere({ name }) : failed(refused)
    })
  return {
    me: () => me()?.name,
    publish: (published) =>
      Effect.mapError(
        ask("sealed.publish", toJson(published), () => undefined),
        failed
      ),
    bundle: (name) => about("sealed.bundle", name, bundleOf),
    identity: (name) => about("sealed.identity", name, identityOf)
  }
}

const isSealed = (bytes: Uint8Array): boolean => bytes[0] === 0xff

const plainCommand = (page: Page): void =>
  page.command("plain", "/plain NAME TEXT", async (rest) => {
    const [, name, text] = /^(\S+)\s+(.+)$/s.exec(rest) ?? []
    if (name === undefined || text === undefined) return page.notice("/plain NAME TEXT")
    await page.server.relay("chat.whisper", name, new TextEncoder().encode(text))
    page.notice(`You to ${name} alone, not sealed: ${text}`)
  })

export const start = (page: Page): void => {
  plainCommand(page)
  if (!isSecureContext) {
    const refused = () => Promise.reject(new SealingError({ reason: "insecure" }))
    page.sealWith({ seal: refused, open: async (_, bytes) => (isSealed(bytes) ? refused() : undefined) })
    return
  }
  const sealing = Effect.runSync(Sealing.make(serverOf(page), browserVault()).pipe(Effect.provide(WebCrypto.layer)))
  const publish = (name: string): Promise<void> =>
    Effect.runPromise(
      Effect.catch(sealing.publish(name), ({ message }) =>
        Effect.sync(() => page.notice(`You cannot get sealed messages: ${message}`))
      )
    )
  page.onEvent("sealed.wanted", (payload) => void publish(wantedOf(payload).name))
  /** One after the other, so that they are shown in the order in which they came. */
  let last: Promise<unknown> = Promise.resolve()
  page.sealWith({
    seal: (name, text) => Effect.runPromise(sealing.seal(name, text)),
    open: (name, bytes) => {
      const text = last.then(() => Effect.runPromise(sealing.open(name, bytes)))
      last = text.catch(() => undefined)
      return text.then((text) => (text === undefined ? undefined : { text: new TextDecoder().decode(text) }))
    }
  })
  for (const { help, name, run } of commandsOf(sealing)) {
    page.command(name, help, async (rest) => {
      const told = await Effect.runPromise(run(rest))
      for (const line of told.split("\n")) page.notice(line)
    })
  }
  // whoever was quicker than this module has a name already
  const me = page.me()
  if (me !== undefined) void publish(me.name)
}

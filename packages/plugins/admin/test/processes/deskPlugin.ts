/** The desk as a plugin, for apps with the admin plugin. */
import * as Plugin from "@mortise/core/app/Plugin"
import { Auth } from "@mortise/core/auth/Auth"
import * as AuthError from "@mortise/core/auth/AuthError"
import { authenticator } from "@mortise/core/auth/AuthPlugin"
import * as Credentials from "@mortise/core/auth/Credentials"
import * as Principal from "@mortise/core/auth/Principal"
import * as Contract from "@mortise/core/transport/Contract"
import { contract } from "@mortise/core/transport/GatewayPlugin"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Desk, Local, NotFound } from "./desk.ts"

const book = { notes: [] as Array<string>, made: 0, began: 0, interrupted: 0, open: 0 }
const given = Effect.sync(() => void book.interrupted++)
const endless = Effect.andThen(
  Effect.sync(() => void book.began++),
  Effect.onInterrupt(Effect.never, () => given)
)

export const spinTheWheel = (until: number): void => {
  while (performance.now() < until) Math.sqrt(until)
}
const hoard: Array<ReadonlyArray<number>> = []
export const hoardTheGold = (): void => {
  hoard.push(Array.from({ length: 20_000 }, (_, i) => i / 3))
  if (hoard.length > 20) hoard.length = 0
}

const live = Contract.implement(
  Desk,
  {
    add: ({ a, b }) => Effect.succeed(a + b),
    nothing: () => Effect.void,
    find: ({ name }) => Effect.fail(new NotFound({ name })),
    size: ({ text }) => Effect.succeed(text.length),
    fill: ({ length }) => Effect.succeed("x".repeat(length)),
    count: ({ to }) =>
      Stream.concat(
        Stream.map(Stream.range(1, Math.abs(to)), (n) => ({ n })),
        to < 0 ? Stream.fail(new NotFound({ name: "the end" })) : Stream.empty
      ),
    forever: () =>
      Stream.ensuring(
        Stream.forever(
          Stream.fromEffect(
            Effect.sync(() => {
              book.made++
              return "y".repeat(1000)
            })
          )
        ),
        given
      ),
    quiet: () => Stream.fromEffect(endless),
    never: () => endless,
    nest: ({ depth }) => Effect.succeed(JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`)),
    take: () => Effect.void,
    who: (_, { principal }) => Effect.succeed(principal.id),
    rule: () => Effect.void,
    from: (_, { connection }) => Effect.succeed(connection.peer.transport),
    book: () => Effect.sync(() => book),
    spin: () =>
      Effect.sync(() => {
        setInterval(() => spinTheWheel(performance.now() + 5), 10)
        setInterval(hoardTheGold, 5)
      }),
    // longer than a connection that is closed at once would leave it
    note: ({ text }) =>
      Effect.andThen(
        Effect.sleep(100),
        Effect.sync(() => void book.notes.push(text))
      ),
    lost: () => Effect.die("a bug"),
    whisper: () => Effect.succeed({ to: [] })
  },
  {
    opened: () => Effect.sync(() => void book.open++),
    closed: () => Effect.sync(() => void book.open--)
  }
)
const local = Contract.implement(Local, { ping: () => Effect.void })

/** Whoever shows `NAME` of six letters is that one. */
const byName = authenticator(
  Effect.succeed({
    name: "by-name",
    reads: ["authorization"],
    authenticate: (shown) => {
      const name = Credentials.authorization(shown, "Bearer") ?? ""
      return name.length === 6
        ? Effect.succeed({ principal: Principal.make(name), method: "by-name" })
        : Effect.fail(AuthError.failed("by-name", "unrecognized"))
    }
  })
)

export const desk = Plugin.define({
  name: "desk",
  requires: [Auth],
  contributes: [byName, contract(live), contract(local, { on: ["tcp"] })]
})

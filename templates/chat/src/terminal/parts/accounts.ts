import { Accounts } from "@mortise/plugin-accounts/Contract"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Names } from "../../accounts/contract.ts"
import { Name } from "../../contract.ts"
import * as Part from "../Part.ts"
import { printable } from "../Screen.ts"
import { timeOf } from "../time.ts"

const device = "terminal"
const isName = Schema.is(Name)

export const part = Part.make({
  contracts: { accounts: Accounts, names: Names },
  start: Effect.fnUntraced(function* (terminal, { accounts, names }) {
    const { notice } = terminal
    const lost = Stream.runForEach(names.events.lost, ({ name }) =>
      Effect.sync(() => notice(`${name} is not yours any more, and you are in no room: /login ${name}`))
    )
    yield* Effect.forkScoped(Effect.ignore(lost), { startImmediately: true })

    /** A command with a name that may be an account's. */
    const named = (
      command: string,
      run: (name: string) => Effect.Effect<void, Part.Failure>
    ): Part.TerminalCommand => ({
      name: command,
      help: `/${command} NAME`,
      run: (name) => (isName(name) ? run(name) : Effect.sync(() => notice(`/${command} NAME`)))
    })
    const plain = (name: string, run: Effect.Effect<void, Part.Failure>): Part.TerminalCommand => ({
      name,
      help: `/${name}`,
      run: () => run
    })
    /** A new password, typed twice; undefined where the two differ. */
    const newPassword = Effect.gen(function* () {
      const password = yield* terminal.secret("New password: ")
      if (password === (yield* terminal.secret("Once more: "))) return password
      notice("The two are not the same; nothing was changed.")
      return undefined
    })

    return [
      named(
        "register",
        Effect.fnUntraced(
          function* (name) {
            const password = yield* newPassword
            if (password === undefined) return
            yield* accounts.request.register({ name, password, device })
            notice(`${name} is yours now.`)
            yield* terminal.rename(name)
          },
          // the account's name, not a name in the room
          Effect.catchIf(
            (error) => error._tag === "NameTaken" && "code" in error && error.code === "ACCOUNTS_NAME_TAKEN",
            ({ message }) => Effect.sync(() => notice(message))
          )
        )
      ),
      named(
        "login",
        Effect.fnUntraced(function* (typed) {
          const password = yield* terminal.secret("Password: ")
          const { name } = yield* accounts.request.login({ name: typed, password, device })
          notice(`Signed in as ${name}.`)
          yield* terminal.rename(name)
        })
      ),
      plain("logout", accounts.request.logout()),
      plain(
        "passwd",
        Effect.gen(function* () {
          const current = yield* terminal.secret("Password: ")
          const next = yield* newPassword
          if (next === undefined) return
          const ended = yield* accounts.request.changePassword({ current, next })
          notice(`The password is changed; ${ended} other sessions have ended.`)
        })
      ),
      plain(
        "sessions",
        Effect.map(accounts.request.sessions(), (sessions) => {
          for (const { device, id, isThis, lastSeenAt } of sessions) {
            const what = printable(new TextEncoder().encode(device || "unnamed"))
            notice(`${id} ${what}, seen ${timeOf(lastSeenAt)}${isThis ? ", this one" : ""}`)
          }
        })
      ),
      {
        name: "revoke",
        help: "/revoke SESSION",
        run: (session) =>
          Effect.map(accounts.request.revoke({ session }), (existed) =>
            notice(existed ? "That session has ended." : "You have no such session: /sessions shows them.")
          )
      }
    ]
  })
})

import { statSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { until } from "@mortise/core/testing/until"
import * as Effect from "effect/Effect"
import { type Running, says, stage } from "./processes.ts"

const password = "correct horse battery"

/** Makes an account and takes its name. */
const register = Effect.fnUntraced(function* (who: Running, name: string) {
  who.type(`/register ${name}\n${password}\n${password}`)
  yield* says(who, `${name} is yours now.`)
  const isIn = new RegExp(`#lobby, here: .*\\b${name}\\b`)
  yield* until(`${name} is in the room`, () => isIn.test(who.text))
})

describe("accounts in the terminal", () => {
  it.live("registers, signs in and out, and is still known after the server was killed", () =>
    Effect.gen(function* () {
      const { onDisk, seen, serve, terminal } = yield* stage
      const first = yield* serve()
      const ada = yield* terminal("guest")
      yield* says(ada, "#lobby, here: guest")
      yield* register(ada, "ada")
      const eve = yield* terminal("ada")
      yield* says(eve, "This name belongs to an account: sign in with /login NAME first.")
      eve.type("/msg guest hello")
      yield* says(eve, "Join a room first")
      eve.type("/plain guest hello")
      yield* until("both are refused", () => eve.text.split("Join a room first").length === 3)
      eve.type("/login ada\na wrong password")
      yield* says(eve, "The name or the password is wrong")
      eve.type("/register ada\nsomething else\nsomething else")
      yield* says(eve, `There is an account "ada" already`)
      ada.type("kept for later")
      yield* says(ada, "ada: kept for later")
      first.child.kill("SIGKILL")
      yield* until("the server is gone", () => first.exit === "SIGKILL")

      yield* serve()
      const again = yield* terminal("somebody")
      yield* says(again, "ada: kept for later")
      again.type(`/login ADA\n${password}`)
      yield* says(again, "Signed in as ada.")
      again.type("/sessions")
      yield* says(again, ", this one")
      again.type(`/passwd\n${password}\nanother pass phrase\nanother pass phrase`)
      yield* says(again, "The password is changed; 1 other sessions have ended.")
      again.type("/logout")
      yield* says(again, "ada is not yours any more, and you are in no room: /login ada")
      again.type("/quit")
      yield* until("it has left", () => again.exit === 0)
      for (const who of [ada, eve, again]) assert.notInclude(who.text, password)
      assert.notInclude(first.text, password)
      // what was typed as a secret was never said, however fast it came
      assert.notInclude(Buffer.concat(seen.got).toString("latin1"), password)
      assert.notInclude(onDisk().toString("latin1"), password)
    })
  )
})

describe("sealed whispers between terminals", () => {
  it.live("are read by the two, and neither by the server nor by its disk", () =>
    Effect.gen(function* () {
      const { keyFiles, onDisk, seen, serve, terminal } = yield* stage
      const server = yield* serve()
      const [ada, bob] = [yield* terminal("guest1", "ada"), yield* terminal("guest2", "bob")]
      yield* register(ada, "ada")
      yield* register(bob, "bob")
      ada.type("/msg nobody the treasure is under the oak")
      yield* says(ada, "There is nobody called nobody here.")
      ada.type("/msg bob the treasure is under the oak")
      yield* says(bob, "ada to you alone, sealed: the treasure is under the oak")
      yield* says(ada, "you to bob alone, sealed: the treasure is under the oak")
      bob.type("/msg ada which oak, there are two")
      yield* says(ada, "bob to you alone, sealed: which oak, there are two")
      bob.type("/plain ada a plain word")
      yield* says(ada, "bob to you alone, not sealed: a plain word")
      ada.type("said to all")
      yield* says(bob, "ada: said to all")

      ada.type("/fingerprint bob")
      bob.type("/fingerprint ada")
      const number = /Safety number with \w+: ((?:\d{5} ?){12})/
      yield* until("both have the number", () => number.test(ada.text) && number.test(bob.text))
      assert.strictEqual(number.exec(ada.text)?.[1], number.exec(bob.text)?.[1])

      for (const file of [...keyFiles("ada"), ...keyFiles("bob")])
        assert.strictEqual(statSync(file).mode & 0o777, 0o600)
      const traces = [server.text, onDisk().toString("latin1"), Buffer.concat(seen.sent).toString("latin1")]
      for (const trace of traces) {
        assert.notInclude(trace, "treasure")
        assert.notInclude(trace, "under the")
      }
      // and the searches find what is there to be found
      assert.include(traces[1], "said to all")
      assert.include(traces[2], "a plain word")
      assert.include(traces[2], "said to all")
    })
  )

  it.live("stop when somebody shows other keys, until a person has decided", () =>
    Effect.gen(function* () {
      const { serve, terminal } = yield* stage
      yield* serve()
      const ada = yield* terminal("ada")
      yield* says(ada, "#lobby, here:")
      const bob = yield* terminal("bob")
      // a whisper to somebody who is not there yet is refused
      yield* says(ada, "bob joined")
      ada.type("/msg bob hello")
      yield* says(bob, "ada to you alone, sealed: hello")
      bob.type("/quit")
      yield* says(ada, "bob left")
      const other = yield* terminal("bob", "another device")
      yield* says(ada, "bob joined")
      yield* says(other, "#lobby, here:")
      ada.type("/msg bob who is there?")
      yield* says(ada, "bob shows other keys than before")
      assert.notInclude(other.text, "who is there?")
      ada.type("/fingerprint bob")
      yield* says(ada, "bob shows other keys now:")
      ada.type("/trust bob")
      yield* says(ada, "The new keys of bob are trusted from now on.")
      ada.type("/msg bob welcome back")
      yield* says(other, "ada to you alone, sealed: welcome back")
    })
  )
})

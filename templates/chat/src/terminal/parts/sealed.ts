import * as NodeCrypto from "@mortise/core/crypto/NodeCrypto"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { commandsOf } from "../../sealed/commands.ts"
import { Sealed } from "../../sealed/contract.ts"
import * as Sealing from "../../sealed/Sealing.ts"
import { SealingError } from "../../sealed/SealingError.ts"
import { explain } from "../commands.ts"
import { fileVault } from "../FileVault.ts"
import * as Part from "../Part.ts"
import { printable } from "../Screen.ts"

export const part = Part.make({
  contracts: { sealed: Sealed },
  start: Effect.fnUntraced(function* (terminal, { chat, sealed: { events, request } }) {
    const sealing = yield* Sealing.make(
      {
        me: () => terminal.me()?.name,
        publish: request.publish,
        bundle: (name) => request.bundle({ name }),
        identity: (name) => request.identity({ name })
      },
      fileVault(terminal.server)
    )
    const publish = Stream.runForEach(events.wanted, ({ name }) =>
      Effect.catch(sealing.publish(name), (error) =>
        Effect.sync(() => terminal.notice(`You cannot get sealed messages: ${explain(error)}`))
      )
    )
    yield* Effect.forkScoped(Effect.ignore(publish), { startImmediately: true })
    terminal.sealWith({
      seal: sealing.seal,
      open: (from, bytes) =>
        Effect.map(sealing.open(from, bytes), (text) => (text === undefined ? undefined : { text: printable(text) }))
    })
    const plain: Part.TerminalCommand = {
      name: "plain",
      help: "/plain NAME TEXT",
      run: (rest) => {
        const [, name, text] = /^(\S+)\s+(.+)$/s.exec(rest) ?? []
        if (name === undefined || text === undefined) return Effect.sync(() => terminal.notice("/plain NAME TEXT"))
        if (terminal.me() === undefined) return Effect.fail(new SealingError({ reason: "not-joined" }))
        return Effect.map(chat.relay.whisper(name, new TextEncoder().encode(text)), () =>
          terminal.print(`you to ${name} alone, not sealed: ${text}`)
        )
      }
    }
    const commands = commandsOf(sealing).map(({ help, name, run }) => ({
      name,
      help,
      run: (rest: string) =>
        Effect.map(run(rest), (told) => {
          for (const line of told.split("\n")) terminal.notice(line)
        })
    }))
    return [...commands, plain]
  }, Effect.provide(NodeCrypto.layer))
})

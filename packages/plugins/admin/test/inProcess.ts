/** The owner's commands in the process of the app, where what comes of them are values. */
import path from "node:path"
import { Readable } from "node:stream"
import * as App from "@mortise/core/app/App"
import * as Log from "@mortise/core/app/Log"
import * as Plugin from "@mortise/core/app/Plugin"
import { auth } from "@mortise/core/auth/AuthPlugin"
import { gateway } from "@mortise/core/transport/GatewayPlugin"
import { tcp } from "@mortise/transport-socket"
import * as Effect from "effect/Effect"
import * as AdminCommand from "../src/AdminCommand.ts"
import { admin } from "../src/index.ts"
import { desk } from "./processes/deskPlugin.ts"
import { temporary } from "./waiting.ts"

const app = Plugin.compose(gateway(), tcp(), auth(), admin(), desk())

/** An app, and its owner's commands with what they print. */
export const inProcess = Effect.gen(function* () {
  const folder = yield* temporary
  const socket = path.join(folder, "admin.sock")
  yield* App.build(app, { tcp: { port: 0 }, admin: { path: socket } })
  const command = (args: ReadonlyArray<string>, input = "", to: Array<string> = []) =>
    AdminCommand.run({
      args: [...args, "--socket", socket],
      folder,
      input: Readable.from(input === "" ? [] : [Buffer.from(input)]),
      print: (text) => void to.push(text),
      colours: false
    })
  const says = (...args: ReadonlyArray<string>) =>
    Effect.suspend(() => {
      const to: Array<string> = []
      return Effect.map(command(args, "", to), () => to.join("\n"))
    })
  const fails = (...args: ReadonlyArray<string>) => Effect.flip(command(args))
  return { folder, command, says, fails }
})
export const withLog = Effect.provide(Log.layer({ console: false }))

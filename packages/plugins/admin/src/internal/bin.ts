#!/usr/bin/env node
/** `mortise-admin`: see AdminCommand. Talks to the app that runs in the folder it is started in. */
import { readFileSync } from "node:fs"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as AdminCommand from "../AdminCommand.ts"
import { AdminCallFailed, AdminCommandRefused } from "../AdminError.ts"

const version = (): string => {
  const file = new URL("../../package.json", import.meta.url)
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version
}

const main = (): void => {
  const fiber = Effect.runFork(
    AdminCommand.run({
      args: process.argv.slice(2),
      folder: process.cwd(),
      input: process.stdin,
      token: process.env.MORTISE_TOKEN || undefined,
      print: (text) => void process.stdout.write(text.endsWith("\n") ? text : `${text}\n`),
      colours: process.stdout.isTTY === true && !process.env.NO_COLOR
    })
  )
  process.once("SIGINT", () => fiber.interruptUnsafe())
  // whoever reads has gone, as `head` does
  process.stdout.once("error", () => fiber.interruptUnsafe())
  fiber.addObserver((exit) => {
    if (exit._tag === "Success") return
    if (Cause.hasInterruptsOnly(exit.cause)) {
      process.exitCode = 130
      return
    }
    const error = Cause.squash(exit.cause)
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(error instanceof AdminCallFailed && error.json ? `${message}\n` : `✗ ${message}\n`)
    process.exitCode = error instanceof AdminCommandRefused ? 2 : 1
  })
}

if (process.argv[2] === "--version") process.stdout.write(`${version()}\n`)
else main()

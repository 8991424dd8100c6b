/** An app that runs as a process in a folder of its own, and the commands of its owner, who stands in the same folder. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import path from "node:path"
import { until } from "@mortise/core/testing/until"
import * as Effect from "effect/Effect"
import { temporary } from "./waiting.ts"

const bin = path.join(import.meta.dirname, "../src/internal/bin.ts")

/** A command that runs. */
export interface Command {
  readonly child: ChildProcess
  /** Both outputs, as they came. */
  readonly said: () => string
  readonly out: () => string
  readonly err: () => string
  readonly ended: Promise<number | null>
}

/**
 * Starts `app`, a file that calls `App.run` and listens over TCP, with arguments, after a command of the shell; it is killed
 * with the scope.
 */
export const running = Effect.fnUntraced(function* (app: string, before = ":", ...args: ReadonlyArray<string>) {
  const folder = yield* temporary
  const env = { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: path.join(folder, "run"), NO_COLOR: "1" }
  let said = ""
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn("/bin/sh", ["-c", `${before}; exec "$0" "$@"`, process.execPath, app, ...args], {
        cwd: folder,
        env,
        stdio: ["ignore", "pipe", "inherit"]
      })
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  const ended = once(child, "close").then(([code]) => code as number | null)
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text))
  yield* until("the app is ready", () => said.includes(`"event":"ready"`), 30_000)
  const port = Number(/tcp:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1])
  const admin = (...args: ReadonlyArray<string>): Command => {
    const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env, stdio: ["pipe", "pipe", "pipe"] })
    const texts = { said: "", out: "", err: "" }
    const hear = (name: "out" | "err") => (chunk: string) => {
      texts[name] += chunk
      texts.said += chunk
    }
    child.stdout.setEncoding("utf8").on("data", hear("out"))
    child.stderr.setEncoding("utf8").on("data", hear("err"))
    return {
      child,
      said: () => texts.said,
      out: () => texts.out,
      err: () => texts.err,
      ended: once(child, "close").then(([code]) => code as number | null)
    }
  }
  const run = (...args: ReadonlyArray<string>) =>
    Effect.promise(async () => {
      const command = admin(...args)
      const code = await command.ended
      return { code, text: command.said(), out: command.out(), err: command.err() }
    })
  return { folder, env, ended, port, admin, run, child, log: () => said }
})

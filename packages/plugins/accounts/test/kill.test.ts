// @module-tag process
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { describe, it } from "@effect/vitest"
import * as Repository from "@mortise/core/orm/Repository"
import * as Sqlite from "@mortise/orm/Sqlite"
import * as Effect from "effect/Effect"
import { Account, AccountSession } from "../src/models.ts"
import { migrate } from "./database.ts"

const RUNS = 10
const script = fileURLToPath(new URL("./killed.ts", import.meta.url))

/** Runs the script and kills it at the moment between "the password is right" and "the session is written". */
const killed = (file: string, run: number): Promise<ReadonlyArray<string>> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, file, String(run)], { stdio: ["ignore", "pipe", "pipe"] })
    let said = ""
    let complaint = ""
    child.stdout.on("data", (chunk) => {
      said += chunk
      if (said.split("verified ").length > 2 + run) child.kill("SIGKILL")
    })
    child.stderr.on("data", (chunk) => void (complaint += chunk))
    child.on("close", (code, signal) =>
      signal === "SIGKILL" ? resolve(said.split("\n")) : reject(new Error(`it ended by itself (${code}): ${complaint}`))
    )
  })
const after = (lines: ReadonlyArray<string>, word: string) =>
  lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))

describe("a server that is killed between the right password and the session", () => {
  it.live(
    "leaves no half session and no account without one, and keeps all that it said it had written",
    () =>
      Effect.scoped(
        Effect.gen(function* () {
          const folder = yield* Effect.acquireRelease(
            Effect.sync(() => mkdtempSync(path.join(tmpdir(), "mortise-auth-"))),
            (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true }))
          )
          const file = path.join(folder, "app.db")
          yield* Effect.scoped(Effect.flatMap(Sqlite.make({ file }), migrate))
          const lines: Array<string> = []
          for (let run = 0; run < RUNS; run++) lines.push(...(yield* Effect.promise(() => killed(file, run))))

          const orm = yield* Sqlite.make({ file })
          const accounts = yield* Repository.make(Account).over(orm).find()
          const sessions = yield* Repository.make(AccountSession).over(orm).find()
          const kept = new Set(sessions.map(({ id }) => id))
          const verified = new Set(after(lines, "verified"))
          assert.ok(verified.size >= RUNS)
          for (const id of kept) assert.ok(verified.has(id), "nothing is written that was not verified")
          for (const account of after(lines, "registered")) assert.ok(accounts.some(({ id }) => id === account))
          const owners = new Set(accounts.map(({ id }) => id))
          for (const { account, principal, tokenHash } of sessions) {
            assert.ok(owners.has(account), "a session without its account")
            assert.equal(principal.id, account)
            assert.match(tokenHash, /^[0-9a-f]{64}$/)
          }
          const withSession = new Set(sessions.map(({ account }) => account))
          for (const { id } of accounts) assert.ok(withSession.has(id), "an account without its first session")
        })
      ),
    60_000
  )
})

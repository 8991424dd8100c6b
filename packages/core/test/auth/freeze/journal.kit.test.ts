import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import * as Effect from "effect/Effect"
import { runAuthKit } from "../../../src/testing/vitest.ts"
import { storesOf } from "./journal.ts"

runAuthKit({
  name: "a journal in a file",
  traits: ["durable", "breaks"],
  make: Effect.gen(function* () {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(path.join(tmpdir(), "mortise-journal-"))),
      (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true }))
    )
    const file = path.join(folder, "auth.jsonl")
    const { context, journal } = storesOf(file)
    return {
      context,
      // the journal remembers what was removed: what it comes to is what is kept
      dump: Effect.sync(() =>
        JSON.stringify(Object.values(storesOf(file).journal.read()).map((rows) => [...rows.values()]))
      ),
      reopen: Effect.sync(() => storesOf(file).context),
      break: Effect.sync(() => {
        journal.broken = true
      })
    }
  })
})

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import * as Effect from "effect/Effect"

/** A folder that goes with the scope. */
export const temporary = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(path.join(tmpdir(), "mortise-admin-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** Looks until what is seen holds; dies, saying what was seen last, when it does not in some ten seconds. */
export const eventually = <A, E>(
  what: string,
  look: Effect.Effect<A, E>,
  holds: (seen: A) => boolean,
  tries = 500
): Effect.Effect<A, E> =>
  Effect.flatMap(look, (seen) => {
    if (holds(seen)) return Effect.succeed(seen)
    if (tries === 0) return Effect.die(new Error(`in vain: ${what}; ${JSON.stringify(seen)}`))
    return Effect.andThen(Effect.sleep(20), eventually(what, look, holds, tries - 1))
  })

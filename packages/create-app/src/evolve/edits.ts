import * as Effect from "effect/Effect"
import { EditRefused, NoPlace } from "../edit/EditRefused.ts"
import { Workspace } from "../workspace/Workspace.ts"

/** Edits a text file of the app; where it has no place for the edit, `paste` says what to write by hand. */
export const edit = Effect.fnUntraced(function* <A>(
  path: string,
  paste: string,
  change: (source: string) => Promise<{ readonly text: string; readonly result: A }>
) {
  const workspace = yield* Workspace
  const source = yield* workspace.read(path)
  if (source === undefined) return yield* new EditRefused({ file: path, reason: "there is no such file", paste })
  const { result, text } = yield* Effect.tryPromise({ try: () => change(source), catch: (cause) => cause }).pipe(
    Effect.catch((cause) =>
      cause instanceof NoPlace
        ? Effect.fail(new EditRefused({ file: path, reason: cause.message, paste }))
        : Effect.die(cause)
    )
  )
  if (text !== source) yield* workspace.write(path, text)
  return result
})

/** Edits a text file that comes with its first line and goes with its last. */
export const editLoose = Effect.fnUntraced(function* (path: string, change: (source: string) => string) {
  const workspace = yield* Workspace
  const source = (yield* workspace.read(path)) ?? ""
  const text = change(source)
  if (text === source) return
  yield* text === "" ? workspace.remove(path) : workspace.write(path, text)
})

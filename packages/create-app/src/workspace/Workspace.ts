import { join } from "node:path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import { Change, Plan, sha256 } from "./Plan.ts"

/** A generator named a file outside the project, or a link of the app leads out of it. */
export class PathOutside extends Errors.make<PathOutside>()(
  "PathOutside",
  { component: "create-app", code: "WORKSPACE_PATH_OUTSIDE", status: 500 },
  { path: Schema.String }
) {
  override get message() {
    return `${JSON.stringify(this.path)} is not inside the project, where alone a generator may write. If it is no link that leads out, this is a fault of the template.`
  }
}

/** A generator wanted to change a file that is not there, or did not find the place in it. */
export class PlaceNotFound extends Errors.make<PlaceNotFound>()(
  "PlaceNotFound",
  { component: "create-app", code: "WORKSPACE_PLACE_NOT_FOUND", status: 500 },
  {
    file: Schema.String,
    place: Schema.String
  }
) {
  override get message() {
    return `${this.file} has no ${this.place}. This is a fault of the template.`
  }
}

/**
 * The only door through which a generator touches a project: reads see the disk overlaid with what was written so far,
 * writes become changes of a {@link Plan}, and nothing reaches the disk until the plan is applied.
 */
export class Workspace extends Context.Service<
  Workspace,
  {
    /** The text of a file, or undefined when there is none. */
    readonly read: (path: string) => Effect.Effect<string | undefined, PathOutside | PlatformError>
    /** The same, as it is. */
    readonly readBytes: (path: string) => Effect.Effect<Uint8Array | undefined, PathOutside | PlatformError>
    readonly write: (
      path: string,
      content: string | Uint8Array,
      options?: { readonly executable?: boolean }
    ) => Effect.Effect<void, PathOutside | PlatformError>
    /** Removes a file; nothing happens when there is none. */
    readonly remove: (path: string) => Effect.Effect<void, PathOutside | PlatformError>
    /** Replaces a file's text; fails when there is no such file. */
    readonly edit: <E, R>(
      path: string,
      change: (source: string) => Effect.Effect<string, E, R>
    ) => Effect.Effect<void, E | PathOutside | PlaceNotFound | PlatformError, R>
    readonly plan: Effect.Effect<Plan>
  }
>()("create-mortise/workspace/Workspace") {
  /** A workspace over a folder that is there; `owner` is recorded as the one who wrote its files. */
  static readonly layer = (root: string, owner: string): Layer.Layer<Workspace, never, FileSystem.FileSystem> =>
    Layer.effect(
      Workspace,
      Effect.map(FileSystem.FileSystem, (fs) =>
        make(root, owner, (path) =>
          fs.readFile(join(root, path)).pipe(
            Effect.catchTag("PlatformError", (error) =>
              // a path below a file is no file either
              error.reason._tag === "NotFound" || error.reason._tag === "BadResource"
                ? Effect.undefined
                : Effect.fail(error)
            )
          )
        )
      )
    )

  /** A workspace over nothing: the folder is new, or counts as empty. */
  static readonly layerFresh = (root: string, owner: string): Layer.Layer<Workspace> =>
    Layer.sync(Workspace, () => make(root, owner, () => Effect.undefined))
}

const make = (
  root: string,
  owner: string,
  onDisk: (path: string) => Effect.Effect<Uint8Array | undefined, PlatformError>
): Workspace["Service"] => {
  const changes = new Map<string, Change>()
  const inside = (path: string): Effect.Effect<string, PathOutside> =>
    isInside(path) ? Effect.succeed(path) : Effect.fail(new PathOutside({ path }))

  const readBytes = Effect.fnUntraced(function* (path: string) {
    const planned = changes.get(yield* inside(path))
    return planned?.removed === true ? undefined : (planned?.bytes ?? (yield* onDisk(path)))
  })
  const read = Effect.fnUntraced(function* (path: string) {
    const bytes = yield* readBytes(path)
    return bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8")
  })
  const write = Effect.fnUntraced(function* (
    path: string,
    content: string | Uint8Array,
    options?: { readonly executable?: boolean }
  ) {
    const before = yield* onDisk(yield* inside(path))
    const text = typeof content === "string"
    const change = new Change({
      path,
      before: before === undefined ? null : sha256(before),
      content: text ? content : Buffer.from(content).toString("base64"),
      encoding: text ? "utf8" : "base64",
      executable: options?.executable ?? changes.get(path)?.executable ?? false
    })
    if (change.before === change.sha256) changes.delete(path)
    else changes.set(path, change)
  })
  const remove = Effect.fnUntraced(function* (path: string) {
    const before = yield* onDisk(yield* inside(path))
    if (before === undefined) changes.delete(path)
    else {
      const change = { path, before: sha256(before), content: "", encoding: "utf8", executable: false } as const
      changes.set(path, new Change({ ...change, removed: true }))
    }
  })
  return Workspace.of({
    read,
    readBytes,
    write,
    remove,
    edit: Effect.fnUntraced(function* (path, change) {
      const source = yield* read(path)
      if (source === undefined) return yield* new PlaceNotFound({ file: path, place: "content: it does not exist" })
      yield* write(path, yield* change(source))
    }),
    plan: Effect.sync(
      () =>
        new Plan({
          root,
          owner,
          changes: [...changes.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
        })
    )
  })
}

/** Whether a path stays inside the project: relative, `/` between segments, no `..`, no control characters. */
export const isInside = (path: string): boolean =>
  path !== "" &&
  !path.startsWith("/") &&
  !path.includes("\\") &&
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  !/[\u0000-\u001f]/.test(path) &&
  path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..")

/**
 * Where the admin socket of an app is: in a folder of its user, which nobody else may enter, under a name made from the
 * folder in which the app runs. Whoever stands in that folder finds it without being told.
 */
import { createHash } from "node:crypto"
import { lstatSync, mkdirSync, realpathSync } from "node:fs"
import { tmpdir, userInfo } from "node:os"
import path from "node:path"
import * as Errors from "@mortise/core/app/Errors"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** The folder for the socket cannot be used; the message says why. */
export class AdminFolderUnsafe extends Errors.make<AdminFolderUnsafe>()(
  "AdminFolderUnsafe",
  { component: "admin", code: "ADMIN_FOLDER_UNSAFE", status: 500 },
  { folder: Schema.String, problem: Schema.String }
) {
  override get message(): string {
    return `The admin socket cannot be in ${this.folder}: ${this.problem}. Set admin.path to a place of your own.`
  }
}

const folderOf = (env: Readonly<Record<string, string | undefined>>): string =>
  env.XDG_RUNTIME_DIR ? path.join(env.XDG_RUNTIME_DIR, "mortise") : path.join(tmpdir(), `mortise-${userInfo().uid}`)

/** Somebody else may have made a folder of this name in a place that all may write to. */
const problemOf = (folder: string): string | undefined => {
  const stat = lstatSync(folder)
  if (!stat.isDirectory()) return "it is no folder"
  if (process.platform === "win32") return undefined
  if (stat.uid !== userInfo().uid) return "it belongs to another user"
  return (stat.mode & 0o077) === 0 ? undefined : "others may enter it"
}

/** The socket of the app that runs in `folder`; its own folder is made where it is missing. */
export const pathOf = (
  folder: string,
  env: Readonly<Record<string, string | undefined>> = process.env
): Effect.Effect<string, AdminFolderUnsafe> =>
  Effect.suspend(() => {
    const own = folderOf(env)
    try {
      mkdirSync(own, { recursive: true, mode: 0o700 })
      const problem = problemOf(own)
      if (problem !== undefined) return Effect.fail(new AdminFolderUnsafe({ folder: own, problem }))
      const name = createHash("sha256").update(realpathSync(folder)).digest("hex").slice(0, 16)
      return Effect.succeed(path.join(own, `${name}.sock`))
    } catch (error) {
      return Effect.fail(new AdminFolderUnsafe({ folder: own, problem: (error as Error).message }))
    }
  })

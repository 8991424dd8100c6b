import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import { PackageJsonInvalid } from "../edit/packageJsonFile.ts"
import * as PackageManager from "../project/PackageManager.ts"
import type { LoadedTemplate } from "../template/Templates.ts"
import * as Lock from "../workspace/Lock.ts"

/** There is no app where the command was run. */
export class AppNotFound extends Errors.make<AppNotFound>()(
  "AppNotFound",
  { component: "create-app", code: "APP_NOT_FOUND", status: 404 },
  { directory: Schema.String }
) {
  override get message() {
    return `There is no package.json in ${this.directory} or above it. Run this in an app's folder, or name it with --cwd.`
  }
}

/** A file of the app is there, and the system does not let it be read. */
export class AppUnreadable extends Errors.make<AppUnreadable>()(
  "AppUnreadable",
  { component: "create-app", code: "APP_UNREADABLE", status: 403 },
  { reason: Schema.String }
) {
  override get message() {
    return `The app cannot be read: ${this.reason}. Nothing was changed.`
  }
}

/** The record of what generators did is damaged. */
export class LockInvalid extends Errors.make<LockInvalid>()(
  "LockInvalid",
  { component: "create-app", code: "APP_LOCK_INVALID", status: 400 },
  {
    path: Schema.String,
    reason: Schema.String
  }
) {
  override get message() {
    return `${this.path} cannot be read: ${this.reason}\nTake it from your repository's history, or remove it: then nothing is known of what was added before.`
  }
}

/** What package.json has of interest here. */
export interface PackageJson {
  readonly name?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** An app that is there. */
export interface App {
  /** Absolute. */
  readonly root: string
  readonly name: string
  readonly packageJson: PackageJson
  readonly lock: Lock.Lock | undefined
  readonly packageManager: PackageManager.PackageManager
  /** The template that it is just being made from; later it is found by the name in the lock. */
  readonly template?: LoadedTemplate
}

/** The composition root, and the files that configuration goes into. */
export const appFile = "src/app.ts"
export const configFile = "src/config.ts"
export const envFile = ".env.example"

const nearestRoot = (directory: string): string | undefined => {
  if (existsSync(join(directory, "package.json"))) return directory
  return dirname(directory) === directory ? undefined : nearestRoot(dirname(directory))
}

/** The files that package managers leave, by which an app's own is known. */
const lockFiles: ReadonlyArray<readonly [string, PackageManager.PackageManager]> = [
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["package-lock.json", "npm"]
]

/** Opens the app that a folder belongs to. */
export const openApp = Effect.fnUntraced(function* (directory: string, userAgent: string | undefined) {
  const fs = yield* FileSystem.FileSystem
  const root = nearestRoot(directory)
  if (root === undefined) return yield* new AppNotFound({ directory })
  const path = join(root, "package.json")
  const broken = (cause: unknown) =>
    new PackageJsonInvalid({ path, reason: cause instanceof Error ? cause.message : String(cause) })
  const text = yield* fs.readFileString(path).pipe(Effect.mapError(broken))
  const packageJson = yield* Effect.try({ try: () => parsePackageJson(text), catch: broken })
  const lockPath = join(root, Lock.lockPath)
  const lock = existsSync(lockPath)
    ? yield* fs.readFileString(lockPath).pipe(
        Effect.flatMap(Lock.parse),
        Effect.mapError((error) => new LockInvalid({ path: lockPath, reason: error.message }))
      )
    : undefined
  const recorded = lock?.answers.packageManager
  const app: App = {
    root,
    name: packageJson.name ?? "the app",
    packageJson,
    lock,
    packageManager:
      lockFiles.find(([file]) => existsSync(join(root, file)))?.[1] ??
      (typeof recorded === "string" && PackageManager.isPackageManager(recorded) ? recorded : undefined) ??
      PackageManager.detect(userAgent) ??
      "npm"
  }
  return app
})

const parsePackageJson = (text: string): PackageJson => {
  const value: unknown = JSON.parse(text)
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("it is no object")
  for (const section of ["dependencies", "devDependencies", "scripts"]) {
    const found = (value as Record<string, unknown>)[section]
    if (found !== undefined && (typeof found !== "object" || found === null || Array.isArray(found))) {
      throw new Error(`${section} is no object`)
    }
  }
  return value as PackageJson
}

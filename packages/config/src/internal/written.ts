/** `set`: the new text of a file, tried out before anything is written. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { type ConfigInvalid, decode } from "@mortise/core/app/AppConfig"
import { astAt, isSecret } from "@mortise/core/app/ConfigSchema"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as ConfigSources from "../ConfigSources.ts"
import { formats, textOf } from "./fromFile.ts"
import { fromText } from "./fromText.ts"
import { variablePart } from "./fromVariables.ts"
import { prefixOf, Reading } from "./Reading.ts"

/** Why a value is not written. */
export class Refused extends Data.TaggedError("Refused")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

type Sources<Config> = ConfigSources.Options<Config> & { readonly folder: string }

/** The file of a profile, or the one that would be made. */
const fileOf = (folder: string, profile: string): readonly [file: string, end: string] => {
  const base = path.join(folder, "config", profile)
  const end = Object.keys(formats).find((each) => existsSync(base + each)) ?? ".yaml"
  return [base + end, end]
}

/** The configuration as it would be with the new text, in a copy of what it is read from. */
const tried = <Config>(app: ConfigSources.App<Config>, sources: Sources<Config>, file: string, text: string) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(path.join(tmpdir(), "mortise-config-"))),
    (copy) =>
      Effect.gen(function* () {
        for (const name of ["config", ".env"]) {
          const from = path.join(sources.folder, name)
          if (existsSync(from)) cpSync(from, path.join(copy, name), { recursive: true })
        }
        mkdirSync(path.join(copy, "config"), { recursive: true })
        writeFileSync(path.join(copy, "config", path.basename(file)), text)
        const { config } = yield* ConfigSources.all(app, { ...sources, folder: copy })
        yield* decode(app.plugins, config)
      }),
    (copy) => Effect.sync(() => rmSync(copy, { recursive: true, force: true }))
  )

export const written = <Config>(
  app: ConfigSources.App<Config>,
  sources: Sources<Config>,
  key: string,
  value: string
): Effect.Effect<{ readonly file: string; readonly text: string }, Refused | ConfigInvalid> =>
  Effect.gen(function* () {
    const reading = new Reading(app.plugins, {})
    const { known, near, path: keys } = reading.resolve(key.split("."))
    if (known !== undefined) {
      const meant = near === undefined ? `There are: ${known.join(", ")}` : `Did you mean ${near}?`
      return yield* Effect.fail(new Refused({ reason: `There is no key ${key}. ${meant}` }))
    }
    const [section = "", ...inner] = keys
    const schema = app.plugins.find(({ name }) => name === section)?.config
    if (schema === undefined || inner.length === 0) {
      return yield* Effect.fail(new Refused({ reason: `${key} is a section; set one of its keys.` }))
    }
    if (isSecret(schema.ast, inner)) {
      const variable = prefixOf(sources.name) + keys.map(variablePart).join("__")
      const where = `Set the variable ${variable}, in .env or in the environment.`
      return yield* Effect.fail(
        new Refused({ reason: `${keys.join(".")} is a secret, which no file of the project should hold. ${where}` })
      )
    }
    const ast = reading.sectionAst(section)
    const [file, end] = fileOf(sources.folder, sources.profile ?? "default")
    const text = yield* Effect.tryPromise({
      try: async () => {
        const format = await formats[end]?.()
        const read = fromText(ast && astAt(ast, inner), value)
        return format?.write(textOf(file) ?? "", { path: keys, value: read }) ?? ""
      },
      catch: (error) => new Refused({ reason: `${path.relative(sources.folder, file)}: ${(error as Error).message}` })
    })
    yield* tried(app, sources, file, text)
    mkdirSync(path.dirname(file), { recursive: true })
    return { file, text }
  })

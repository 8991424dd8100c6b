import * as Effect from "effect/Effect"
import * as PackageManager from "../project/PackageManager.ts"
import { printAppFile } from "../template/appFile.ts"
import { isCode, open } from "../template/CodeProject.ts"
import { rewritePackageJson } from "../template/packageJson.ts"
import { describePlace, putAnswer } from "../template/places.ts"
import { freeStyles, renameCode } from "../template/renameCode.ts"
import { defaultSentinel, type NameStyles, renameIdentifier, renameText, stylesOf } from "../template/Sentinel.ts"
import type { AppFile, Condition } from "../template/Template.ts"
import { matches, type TemplateFile } from "../template/TemplateFile.ts"
import { TemplateInvalid } from "../template/Templates.ts"
import { version } from "../Version.ts"
import * as Lock from "../workspace/Lock.ts"
import { Plan } from "../workspace/Plan.ts"
import { PlaceNotFound, Workspace } from "../workspace/Workspace.ts"
import type { Configured, Planned } from "./Stage.ts"

/** Ignored by git in an app whose template does not say. */
const ignored = "node_modules/\ndist/\ncoverage/\n*.log\n*.tsbuildinfo\n.env\n"

/** Computes every file of the app; writes none. */
export const plan = Effect.fnUntraced(
  function* (configured: Configured) {
    const { answers, name, packageManager, template } = configured
    const { manifest } = template
    const workspace = yield* Workspace
    const holds = (condition: Condition): boolean => answers[condition.answer] === condition.is
    const app: AppFile & { readonly file: string } = { file: "src/app.ts", ...manifest.app }

    const files = template.files.filter(
      ({ path }) =>
        path !== app.file && (manifest.conditions ?? []).every((each) => !matches(each.path, path) || holds(each.when))
    )
    const from = stylesOf(manifest.sentinel ?? defaultSentinel)
    const code = files.filter((file) => isCode(file.path) && typeof file.content === "string")
    const { appText, renamed, to } = yield* Effect.tryPromise({
      try: async () => {
        const project = await open(code.map(({ content, path }) => ({ path, text: String(content) })))
        const to = freeStyles(project, from, stylesOf(name), namesIn(app))
        const renamed = renameCode(project, from, to)
        return { to, renamed, appText: await printAppFile(project, renameApp(app, from, to), answers) }
      },
      catch: (cause) => new TemplateInvalid({ template: manifest.name, reason: String(cause) })
    })

    for (const file of files) {
      yield* workspace.write(renameText(file.path, from, to), contentOf(file, renamed.get(file.path)), {
        executable: file.executable
      })
    }
    yield* workspace.write(renameText(app.file, from, to), appText)
    yield* workspace.edit("package.json", (source) => Effect.succeed(rewritePackageJson(source, name)))
    if ((yield* workspace.read(".gitignore")) === undefined) yield* workspace.write(".gitignore", ignored)
    const settings = PackageManager.settingsFile(packageManager)
    if (settings !== undefined) yield* workspace.write(settings.path, settings.content)

    for (const answer of manifest.answers) {
      for (const place of answer.places ?? []) {
        const path = renameText(place.file, from, to)
        yield* workspace.edit(path, (source) =>
          Effect.flatMap(
            Effect.promise(() => putAnswer(source, place, answer.default, answers[answer.name] ?? answer.default)),
            (text) =>
              text === undefined
                ? Effect.fail(
                    new PlaceNotFound({
                      file: path,
                      place: `${describePlace(place)} holding the default of ${answer.name}`
                    })
                  )
                : Effect.succeed(text)
          )
        )
      }
    }

    const made = yield* workspace.plan
    yield* workspace.write(
      Lock.lockPath,
      Lock.print(
        new Lock.Lock({
          schema: 1,
          generator: version,
          template: { name: manifest.name, version: template.version },
          name,
          answers: { ...answers, packageManager },
          files: Lock.filesOf(made.changes, made.owner)
        })
      )
    )
    const all = yield* workspace.plan
    // the lock says that the app is whole, so it is the last to be written
    const changes = [...all.changes].sort((a, b) => Number(a.path === Lock.lockPath) - Number(b.path === Lock.lockPath))
    const planned: Planned = { ...configured, plan: new Plan({ root: all.root, owner: all.owner, changes }) }
    return planned

    function contentOf(file: TemplateFile, code: string | undefined): string | Uint8Array {
      if (code !== undefined || typeof file.content !== "string") return code ?? file.content
      return renameText(file.content, from, to)
    }
  },
  (effect, configured) =>
    effect.pipe(
      // a fresh workspace reads nothing from the disk
      Effect.catchTag("PlatformError", Effect.die),
      Effect.provide(
        Workspace.layerFresh(
          configured.directory,
          `${configured.template.manifest.name}@${configured.template.version}`
        )
      )
    )
)

/** The names that the app file will hold, which is written after the rest. */
const namesIn = (app: AppFile): ReadonlyArray<string> => [
  "Plugin",
  app.export ?? "app",
  ...app.plugins.map((use) => use.name)
]

const renameApp = (app: AppFile, from: NameStyles, to: NameStyles): AppFile => {
  const [head, ...tail] = app.plugins
  const rename = (use: AppFile["plugins"][0]): AppFile["plugins"][0] => ({
    ...use,
    from: renameText(use.from, from, to),
    name: renameIdentifier(use.name, from, to),
    ...(use.args === undefined ? {} : { args: JSON.parse(renameText(JSON.stringify(use.args), from, to)) })
  })
  return {
    ...app,
    ...(app.doc === undefined ? {} : { doc: renameText(app.doc, from, to) }),
    plugins: [rename(head), ...tail.map(rename)]
  }
}

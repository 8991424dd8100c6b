import * as Effect from "effect/Effect"
import { printAppFile } from "./appFile.ts"
import { isCode, open } from "./CodeProject.ts"
import { rewritePackageJson } from "./packageJson.ts"
import { filesWith, type Has, packageJsonWith, partProblems, partsFor, usesOf } from "./parts.ts"
import { describePlace, putAnswer } from "./places.ts"
import { freeStyles, renameCode } from "./renameCode.ts"
import { defaultSentinel, type NameStyles, renameIdentifier, renameText, stylesOf } from "./Sentinel.ts"
import type { AppFile, Condition, Json, Part } from "./Template.ts"
import { matches, type TemplateFile } from "./TemplateFile.ts"
import { type LoadedTemplate, TemplateInvalid } from "./Templates.ts"

/** An app as a template makes it, before the first plugin is added. */
export interface Rendered {
  readonly files: ReadonlyMap<string, TemplateFile>
  /** Where the composition root is. */
  readonly app: string
  /** Its entries, under the app's names. */
  readonly uses: AppFile["plugins"]
  readonly parts: ReadonlyArray<Part>
}

/**
 * Makes an app's files from a template: those of its parts that go with the app's plugins, under the app's name, with its
 * answers. The same template, name, answers and plugins give the same files.
 */
export const render = Effect.fnUntraced(function* (
  template: LoadedTemplate,
  given: { readonly name: string; readonly answers: Readonly<Record<string, Json>>; readonly has: Has }
) {
  const { manifest } = template
  const { answers, name } = given
  const invalid = (cause: unknown) =>
    new TemplateInvalid({ template: manifest.name, reason: cause instanceof Error ? cause.message : String(cause) })
  const problems = partProblems(
    manifest,
    template.files.map(({ path }) => path)
  )
  if (problems.length > 0) return yield* invalid(problems.join("; "))

  const holds = (condition: Condition): boolean => answers[condition.answer] === condition.is
  const parts = partsFor(manifest, given.has)
  const app = { file: "src/app.ts", ...manifest.app, plugins: usesOf(manifest.app, parts) }
  const from = stylesOf(manifest.sentinel ?? defaultSentinel)

  const made = yield* Effect.tryPromise({
    try: async () => {
      const files = (await filesWith(template.files, manifest, parts)).filter(
        ({ path }) =>
          path !== app.file &&
          (manifest.conditions ?? []).every((each) => !matches(each.path, path) || holds(each.when))
      )
      const code = files.filter((file) => isCode(file.path) && typeof file.content === "string")
      const project = await open(code.map(({ content, path }) => ({ path, text: String(content) })))
      const to = freeStyles(project, from, stylesOf(name), namesIn(app))
      const renamed = renameCode(project, from, to)
      const named = renameApp(app, from, to)
      const appText = await printAppFile(project, named, answers)
      const texts = files.map(
        (file): TemplateFile => ({
          path: renameText(file.path, from, to),
          content:
            renamed.get(file.path) ??
            (typeof file.content === "string" ? renameText(file.content, from, to) : file.content),
          executable: file.executable
        })
      )
      const appFile: TemplateFile = { path: renameText(app.file, from, to), content: appText, executable: false }
      return { to, appFile, files: [...texts, appFile], uses: named.plugins }
    },
    catch: invalid
  })
  const files = new Map(made.files.map((file) => [file.path, file]))

  /** Changes a text file, which must be there. */
  const edit = Effect.fnUntraced(function* (path: string, change: (source: string) => Promise<string>) {
    const file = files.get(path)
    if (file === undefined || typeof file.content !== "string") return yield* invalid(`there is no ${path} to change`)
    const { content } = file
    files.set(path, { ...file, content: yield* Effect.tryPromise({ try: () => change(content), catch: invalid }) })
  })
  yield* edit("package.json", async (source) => rewritePackageJson(packageJsonWith(source, manifest, parts), name))
  for (const answer of manifest.answers) {
    for (const place of answer.places ?? []) {
      const path = renameText(place.file, from, made.to)
      yield* edit(path, async (source) => {
        const text = await putAnswer(source, place, answer.default, answers[answer.name] ?? answer.default)
        if (text !== undefined) return text
        throw new Error(`${path} has no ${describePlace(place)} holding the default of ${answer.name}`)
      })
    }
  }
  const rendered: Rendered = { files, app: made.appFile.path, uses: made.uses, parts }
  return rendered
})

/** The names that the app file will hold, which is written after the rest. */
const namesIn = (app: AppFile): ReadonlyArray<string> => [
  "Plugin",
  app.export ?? "app",
  ...app.plugins.map((use) => use.name)
]

const renameApp = <App extends AppFile>(app: App, from: NameStyles, to: NameStyles): App => {
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

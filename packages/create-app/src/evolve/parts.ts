import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import { type KnownPlugin, standsFor } from "../plugin/KnownPlugin.ts"
import { callOf, isUsed } from "../template/appFile.ts"
import { type Rendered, render } from "../template/render.ts"
import type { ConfigEntry, Json, PluginUse } from "../template/Template.ts"
import { Templates } from "../template/Templates.ts"
import { sha256 } from "../workspace/Plan.ts"
import { Workspace } from "../workspace/Workspace.ts"
import { type App, appFile } from "./App.ts"

/** Files that a template's part would change have been changed by somebody. */
export class PartConflict extends Errors.make<PartConflict>()(
  "PartConflict",
  { component: "create-app", code: "EVOLVE_PART_CONFLICT", status: 409 },
  {
    files: Schema.Array(Schema.String),
    template: Schema.String
  }
) {
  override get message() {
    return `The template ${this.template} has parts that go with these plugins, and they concern files that have been changed since they were made:\n${this.files.map((file) => `  ${file}`).join("\n")}\nNothing was changed. With --no-parts only the plugin itself comes or goes, and these files stay as they are.`
  }
}

/** An entry of `Plugin.compose` that comes or goes. */
export interface UseChange {
  readonly old: PluginUse | undefined
  readonly next: PluginUse | undefined
}

/** What a change of plugins means for the parts of the app's template: nothing, when the template is not known here. */
export interface PartChange {
  readonly template: string | undefined
  /** The template that made the app is not among those of this version. */
  readonly unknown: boolean
  readonly before: Rendered | undefined
  readonly after: Rendered | undefined
  readonly uses: ReadonlyArray<UseChange>
  readonly come: ReadonlyArray<ConfigEntry>
  readonly go: ReadonlyArray<ConfigEntry>
  readonly answers: Readonly<Record<string, Json>>
}

const none: PartChange = {
  template: undefined,
  unknown: false,
  before: undefined,
  after: undefined,
  uses: [],
  come: [],
  go: [],
  answers: {}
}

/** Renders the app's template with the plugins before and after, so that their difference is what parts bring and take. */
export const partChange = Effect.fnUntraced(function* (
  app: App,
  known: ReadonlyArray<KnownPlugin>,
  before: ReadonlyArray<KnownPlugin>,
  after: ReadonlyArray<KnownPlugin>
) {
  const { lock } = app
  if (lock?.template === undefined) return none
  const wanted = lock.template.name
  const template = app.template ?? (yield* templateCalled(wanted))
  if (template === undefined) return { ...none, template: wanted, unknown: true }
  const { manifest } = template
  if ((manifest.parts ?? []).length === 0) return none
  const questions = Object.fromEntries(manifest.answers.map(({ default: initial, name }) => [name, initial]))
  const answers = { ...questions, ...(lock.answers as Readonly<Record<string, Json>>) }
  const rendered = (plugins: ReadonlyArray<KnownPlugin>) =>
    render(template, { name: lock.name, answers, has: (name) => standsFor(known, plugins, name) })
  const [old, next] = [yield* rendered(before), yield* rendered(after)]
  const entries = ({ parts }: Rendered) => parts.flatMap(({ config = [] }) => config)
  const lacks = (list: ReadonlyArray<ConfigEntry>) => (each: ConfigEntry) =>
    !list.some(({ path }) => path === each.path)
  const change: PartChange = {
    template: wanted,
    unknown: false,
    before: old,
    after: next,
    uses: useChanges(usesIn(old, answers), usesIn(next, answers)),
    come: entries(next).filter(lacks(entries(old))),
    go: entries(old).filter(lacks(entries(next))),
    answers
  }
  return change
})

const templateCalled = Effect.fnUntraced(function* (name: string) {
  const templates = yield* Templates
  const entry = (yield* templates.list).find(({ manifest }) => manifest.name === name)
  return entry === undefined ? undefined : yield* templates.load(entry)
})

const usesIn = ({ uses }: Rendered, answers: Readonly<Record<string, Json>>) =>
  uses.filter((use) => isUsed(use, answers))

const useChanges = (before: ReadonlyArray<PluginUse>, after: ReadonlyArray<PluginUse>): ReadonlyArray<UseChange> => {
  const key = (use: PluginUse) => JSON.stringify([use.from, use.name, use.args])
  const isIn = (list: ReadonlyArray<PluginUse>) => {
    const keys = new Set(list.map(key))
    return (use: PluginUse | undefined): use is PluginUse => use !== undefined && keys.has(key(use))
  }
  const [stood, stands] = [isIn(before), isIn(after)]
  const paired = new Set<PluginUse>()
  const come = after.flatMap((next, index): ReadonlyArray<UseChange> => {
    if (stood(next)) return []
    // what is replaced has the same place in the list
    const old = before[index]
    if (old === undefined || stands(old)) return [{ old: undefined, next }]
    paired.add(old)
    return [{ old, next }]
  })
  const go = before.filter((old) => !stands(old) && !paired.has(old)).map((old) => ({ old, next: undefined }))
  return [...go, ...come]
}

/** What stands behind an entry's name. */
export const callText = (use: PluginUse, { answers }: PartChange): string => callOf(use, answers)

/** Files that are edited in place, so that their other content stays. */
const isEdited = (path: string): boolean => path === appFile || path === "package.json"

/** Plans the files that parts bring, change and take; refuses when somebody has changed one of them. */
export const planPartFiles = Effect.fnUntraced(function* (app: App, { after, before, template }: PartChange) {
  if (before === undefined || after === undefined) return
  const workspace = yield* Workspace
  const conflicts: Array<string> = []
  for (const path of new Set([...before.files.keys(), ...after.files.keys()])) {
    const old = before.files.get(path)
    const next = after.files.get(path)
    if (isEdited(path) || (old !== undefined && next !== undefined && same(old.content, next.content))) continue
    const found = yield* workspace.readBytes(path)
    const hash = found === undefined ? undefined : sha256(found)
    const recorded = app.lock?.files.find((file) => file.path === path)?.sha256
    const isDone = next === undefined ? found === undefined : hash === sha256(bytesOf(next.content))
    const isOurs = old === undefined ? found === undefined : hash === recorded || hash === sha256(bytesOf(old.content))
    if (isDone) continue
    if (!isOurs) conflicts.push(path)
    else if (next === undefined) yield* workspace.remove(path)
    else yield* workspace.write(path, next.content, { executable: next.executable })
  }
  if (conflicts.length > 0) return yield* new PartConflict({ files: conflicts.sort(), template: template ?? "" })
})

const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === "string" ? Buffer.from(content) : content
const same = (a: string | Uint8Array, b: string | Uint8Array): boolean => Buffer.compare(bytesOf(a), bytesOf(b)) === 0

/** The scripts and dependencies that parts bring and take, by section of package.json. */
export const packageEntries = ({ after, before }: PartChange) => {
  const read = (rendered: Rendered | undefined) =>
    JSON.parse(String(rendered?.files.get("package.json")?.content ?? "{}")) as Record<string, Record<string, string>>
  const [old, next] = [read(before), read(after)]
  return (["scripts", "dependencies", "devDependencies"] as const).flatMap((section) => {
    const [from, to] = [old[section] ?? {}, next[section] ?? {}]
    return [
      ...Object.entries(to).flatMap(([name, value]) => (name in from ? [] : [{ section, name, value }])),
      ...Object.keys(from).flatMap((name) => (name in to ? [] : [{ section, name, value: undefined }]))
    ]
  })
}

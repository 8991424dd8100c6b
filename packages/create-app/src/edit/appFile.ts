import { packageOf } from "../plugin/PluginManifest.ts"
import { applySplices } from "../workspace/Splice.ts"
import { findCompose, type Use } from "./compose.ts"
import { NoPlace } from "./EditRefused.ts"
import { addImport, type Exported, localOf, removeImport, replaceImport } from "./imports.ts"
import { breakLines, insertItem, joinLines, lineWidth, removeItem, widthWith } from "./list.ts"
import { parse, withoutMark } from "./source.ts"

/** An argument of `Plugin.compose` to be: the export, and the text behind its name: `()`, or nothing for a value. */
export interface Argument {
  readonly exported: Exported
  readonly call: string
  /** Comment lines above it. */
  readonly comment?: string | undefined
}

export interface Edited {
  readonly text: string
  /** The arguments stood on one line, and would have made it too long. */
  readonly broken: boolean
  /** An import was put in. */
  readonly imported: boolean
}

/** An argument that gives its place to another: with this text behind its name, or somebody has changed it. */
export interface Replaced {
  readonly exported: Exported
  readonly call: string
}

/** Whether two are one plugin: a package may export it from several modules. */
const isSame = (a: Exported | undefined, b: Exported): boolean =>
  a?.name === b.name && (a.from === b.from || (!b.from.startsWith(".") && packageOf(a.from) === packageOf(b.from)))

/** The arguments of `Plugin.compose` that are an instance of this plugin, not counting second instances. */
export const usesOf = (uses: ReadonlyArray<Use>, exported: Exported): ReadonlyArray<Use> =>
  uses.filter(
    (use) =>
      use.kind !== "as" &&
      (isSame(use.exported, exported) || (use.kind === "override" && isSame(use.replaces, exported)))
  )

/** What stands in `Plugin.compose`. */
export const readUses = async (path: string, text: string): Promise<ReadonlyArray<Use>> =>
  findCompose(await parse(path, text.replace(/^\uFEFF/, ""))).uses

/** Adds an argument, in the place of another when that is there, and the import it needs. */
export const addUse = async (path: string, text: string, argument: Argument, replaces?: Replaced): Promise<Edited> => {
  let broken = false
  let imported = false
  const edited = await withoutMark(text, async (plain) => {
    const source = await parse(path, plain)
    const { list, uses } = findCompose(source)
    const [old] = replaces === undefined ? [] : usesOf(uses, replaces.exported)
    const swap = old !== undefined && replaces !== undefined && replaces.exported.from !== argument.exported.from
    const { local, splices } = swap
      ? replaceImport(source, replaces.exported, argument.exported, [old.node])
      : addImport(source, argument.exported)
    imported = splices.length > 0
    const code = `${local}${argument.call}`
    if (old !== undefined && replaces !== undefined) {
      const expected = `${localOf(source, replaces.exported) ?? ""}${replaces.call}`
      if (old.node.getText() !== expected) {
        throw new NoPlace(`${old.node.getText()} makes room for ${code}, but it is not ${expected} any more`)
      }
      const place = { start: old.node.getStart(), end: old.node.getEnd(), text: code }
      const text = applySplices(plain, [...splices, place])
      return swap ? text : withoutImport(path, text, replaces.exported)
    }
    const comment = (argument.comment ?? "").split("\n").filter((line) => line !== "")
    const inserted = insertItem(list, comment.length === 0 ? code : `/* ${comment.join(" ")} */ ${code}`)
    const added = applySplices(plain, [...splices, ...inserted])
    const after = findCompose(await parse(path, added)).list
    const body = after.source.slice(after.open, after.close)
    // a line that was too long before is as somebody wanted it
    const grew = widthWith(list, plain.slice(list.open, list.close)) <= lineWidth && widthWith(after, body) > lineWidth
    const lines = grew && !body.includes("\n") ? breakLines(after) : undefined
    broken = lines !== undefined
    return lines === undefined ? added : applySplices(added, lines)
  })
  return { text: edited, broken, imported }
}

const withoutImport = async (path: string, text: string, exported: Exported): Promise<string> =>
  applySplices(text, removeImport(await parse(path, text), exported, []))

/**
 * Takes a plugin's argument out, with its import when nothing else uses that. `join`: the arguments had been put on lines
 * of their own by an edit, and go back to one line when they fit.
 */
export const removeUse = async (
  path: string,
  text: string,
  exported: Exported,
  options: { readonly join: boolean; readonly keepImport: boolean }
): Promise<Omit<Edited, "imported">> => {
  let broken = options.join
  const edited = await withoutMark(text, async (plain) => {
    const source = await parse(path, plain)
    const { list, uses } = findCompose(source)
    const [use, second] = usesOf(uses, exported)
    if (use === undefined) return plain
    if (second !== undefined) throw new NoPlace(`Plugin.compose has ${exported.name} more than once, and one is meant`)
    if (use.kind === "override") {
      throw new NoPlace(`Plugin.compose has ${use.node.getText()}: an override is taken out by hand`)
    }
    const actual = use.exported ?? exported
    const local = localOf(source, actual)
    if (local === undefined || !use.node.getText().startsWith(local)) {
      throw new NoPlace(`${use.node.getText()} is made elsewhere in the file, and is taken out by hand`)
    }
    const splices = [
      ...removeItem(list, use.node),
      ...(options.keepImport ? [] : removeImport(source, actual, [use.node]))
    ]
    const removed = applySplices(plain, splices)
    if (!options.join) return removed
    const lines = joinLines(findCompose(await parse(path, removed)).list)
    broken = lines === undefined
    return lines === undefined ? removed : applySplices(removed, lines)
  })
  return { text: edited, broken }
}

import type { Node, Project, SourceFile, ts } from "ts-morph"
import { applySplices, type Splice } from "../workspace/Splice.ts"
import { reserved } from "./reserved.ts"
import { type NameStyles, renameIdentifier, renameText, withSuffix } from "./Sentinel.ts"

const isSentinel = (name: string, from: NameStyles): boolean => renameIdentifier(name, from, emptyStyles) !== name
const emptyStyles: NameStyles = { kebab: "", pascal: "", camel: "", constant: "" }

/**
 * Chooses the identifiers of the new name so that none of those which the code will hold meets another one of its own, or
 * a global one: an app called `effect` gets `EffectApp`, one called `map` `MapApp`.
 */
export const freeStyles = (
  project: Project,
  from: NameStyles,
  to: NameStyles,
  /** Names that are used where the project cannot see them. */
  others: ReadonlyArray<string> = []
): NameStyles => {
  const found = new Set<string>(others)
  for (const file of project.getSourceFiles()) {
    file.forEachDescendant((node) => {
      if (isIdentifier(node)) found.add(node.getText())
    })
  }
  const sentinels = [...found].filter((name) => isSentinel(name, from))
  const taken = new Set([...found, ...Object.getOwnPropertyNames(globalThis), ...reserved])
  for (const name of sentinels) taken.delete(name)
  const candidates = [to, ...["app", "mortise", "mortiseApp"].map((word) => withSuffix(to, word))]
  return (
    candidates.find((styles) => sentinels.every((name) => !taken.has(renameIdentifier(name, from, styles)))) ??
    withSuffix(to, "renamed")
  )
}

/**
 * The texts of all files with the sentinel replaced: identifiers by symbol (every declaration whose name has it, with all
 * that refers to it, in every file; what has no declaration here by name), strings, template text and comments by whole word.
 */
export const renameCode = (project: Project, from: NameStyles, to: NameStyles): ReadonlyMap<string, string> => {
  const splices = new Map<string, Map<number, Splice>>()
  const add = (path: string, splice: Splice): void => {
    const ofFile = splices.get(path) ?? new Map<number, Splice>()
    splices.set(path, ofFile.set(splice.start, splice))
  }
  const rename = (node: Node): void =>
    add(node.getSourceFile().getFilePath(), {
      start: node.getStart(),
      end: node.getEnd(),
      text: renameIdentifier(node.getText(), from, to)
    })
  const service = project.getLanguageService()
  // a string that names a property ("mortiseApp" in Pick) refers to it as well; it is prose, and renamed as such
  const referencesTo = (node: Node): ReadonlyArray<Node> =>
    service
      .findRenameLocations(node)
      .map((location) => location.getNode())
      .filter(isIdentifier)
  for (const file of project.getSourceFiles()) {
    file.forEachDescendant((node) => {
      if (!isIdentifier(node) || !isSentinel(node.getText(), from)) return
      if (splices.get(file.getFilePath())?.has(node.getStart()) === true) return
      if (isDeclarationName(node)) for (const found of referencesTo(node)) rename(found)
      // a property of a value whose type comes from a library, which is not loaded: nobody declares it here
      else if (node.getSymbol() === undefined) rename(node)
    })
    for (const [start, end] of proseOf(file)) {
      const text = file.getFullText().slice(start, end)
      const renamed = renameText(text, from, to)
      if (renamed !== text) add(file.getFilePath(), { start, end, text: renamed })
    }
  }
  return new Map(
    project.getSourceFiles().map((file) => {
      const path = file.getFilePath()
      return [path.slice(1), applySplices(file.getFullText(), [...(splices.get(path)?.values() ?? [])])]
    })
  )
}

const isIdentifier = (node: Node): boolean => /Identifier$/.test(node.getKindName())

/** Whether an identifier is the name of what its parent declares; in `a.b`, `b` is a name but declares nothing. */
const isDeclarationName = (node: Node): boolean => {
  const parent = node.getParent()
  return (
    parent !== undefined &&
    (parent.compilerNode as { readonly name?: ts.Node }).name === node.compilerNode &&
    parent.getKindName() !== "PropertyAccessExpression"
  )
}

/** The tokens that are text and not code. */
const textKinds = new Set([
  "StringLiteral",
  "NoSubstitutionTemplateLiteral",
  "TemplateHead",
  "TemplateMiddle",
  "TemplateTail",
  "JsxText"
])

/** The pieces of a file that are not code: what stands between tokens (comments), strings, template text, text of JSX. */
const proseOf = (file: SourceFile): ReadonlyArray<readonly [number, number]> => {
  const pieces: Array<readonly [number, number]> = []
  let at = 0
  const visit = (node: Node): void => {
    // a documentation comment is a node, but belongs to what stands between the tokens
    if (node.getKindName() === "JSDoc") return
    const children = node.getChildren()
    if (children.length > 0) {
      for (const child of children) visit(child)
      return
    }
    const start = node.getStart()
    if (start > at) pieces.push([at, start])
    at = Math.max(at, node.getEnd())
    if (textKinds.has(node.getKindName())) pieces.push([start, at])
  }
  visit(file)
  return pieces
}

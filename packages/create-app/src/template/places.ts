import type { Node } from "ts-morph"
import { applySplices, type Splice } from "../workspace/Splice.ts"
import { open } from "./CodeProject.ts"
import type { Json, Place } from "./Template.ts"

/** Says what a place is, for messages. */
export const describePlace = (place: Place): string => {
  if ("json" in place) return `value at ${place.json.join(".")}`
  if ("text" in place) return "whole-word occurrence of the default"
  return `exported constant ${[place.constant, ...(place.path ?? [])].join(".")}`
}

/**
 * Writes an answer into a file's text at one place; the rest of the text stays as it is. Gives undefined when the place
 * is not there, or holds something else than the answer's default.
 */
export const putAnswer = async (
  source: string,
  place: Place,
  initial: Json,
  answer: Json
): Promise<string | undefined> => {
  if ("text" in place) return putText(source, String(initial), String(answer))
  const splice = "json" in place ? await findJson(source, place.json) : await findConstant(source, place)
  return splice !== undefined && splice.text === JSON.stringify(initial)
    ? applySplices(source, [{ ...splice, text: JSON.stringify(answer) }])
    : undefined
}

const putText = (source: string, initial: string, answer: string): string | undefined => {
  const escaped = initial.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
  const word = new RegExp(`(?<![\\w.-])${escaped}(?![\\w-])(?!\\.\\w)`, "g")
  return word.test(source) ? source.replace(word, () => answer) : undefined
}

/** A value's text where it stands. */
type Found = Splice | undefined

const findJson = async (source: string, path: ReadonlyArray<string | number>): Promise<Found> => {
  // a JSON text is a JavaScript expression; reading it so keeps positions, comments and layout
  const project = await open([{ path: "json.ts", text: `(${source})` }])
  const found = await descend(project.getSourceFileOrThrow("/json.ts").getStatements()[0]?.getFirstChild(), path)
  return found === undefined ? undefined : { ...found, start: found.start - 1, end: found.end - 1 }
}

const findConstant = async (
  source: string,
  place: { readonly constant: string; readonly path?: ReadonlyArray<string | number> }
): Promise<Found> => {
  const project = await open([{ path: "constant.ts", text: source }])
  const declaration = project.getSourceFileOrThrow("/constant.ts").getVariableDeclaration(place.constant)
  return declaration?.isExported() === true ? descend(declaration.getInitializer(), place.path ?? []) : undefined
}

const descend = async (from: Node | undefined, path: ReadonlyArray<string | number>): Promise<Found> => {
  const { Node } = await import("ts-morph")
  const unwrap = (node: Node | undefined): Node | undefined =>
    Node.isParenthesizedExpression(node) || Node.isAsExpression(node) || Node.isSatisfiesExpression(node)
      ? unwrap(node.getExpression())
      : node
  let node = unwrap(from)
  for (const key of path) {
    if (Node.isObjectLiteralExpression(node)) {
      const property = node
        .getProperties()
        .find((each) => Node.isPropertyAssignment(each) && nameOf(each.getName()) === String(key))
      node = Node.isPropertyAssignment(property) ? unwrap(property.getInitializer()) : undefined
    } else if (Node.isArrayLiteralExpression(node) && typeof key === "number") {
      node = unwrap(node.getElements()[key])
    } else return undefined
  }
  if (node === undefined) return undefined
  // 7_420 and 7420 are one number
  const text = Node.isNumericLiteral(node) ? String(node.getLiteralValue()) : node.getText()
  return { start: node.getStart(), end: node.getEnd(), text }
}

/** A property's name without its quotes. */
const nameOf = (name: string): string => name.replace(/^(["'])(.*)\1$/, "$2")

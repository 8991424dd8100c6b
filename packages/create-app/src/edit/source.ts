import type { AsExpression, Node, SourceFile } from "ts-morph"
import { open } from "../template/CodeProject.ts"
import { NoPlace } from "./EditRefused.ts"
import { type Style, styleOf } from "./Style.ts"

/** A file of code, read to find places in it. */
export interface Source {
  readonly text: string
  readonly file: SourceFile
  readonly style: Style
}

const bom = "\uFEFF"

/** Reads code; throws a {@link NoPlace} that names the line when it has a syntax error. */
export const parse = async (path: string, text: string): Promise<Source> => {
  const project = await open([{ path, text }])
  const file = project.getSourceFileOrThrow(`/${path}`)
  const [error] = project.getProgram().getSyntacticDiagnostics(file)
  if (error !== undefined) {
    const message = error.getMessageText()
    throw new NoPlace(
      `it has a syntax error in line ${error.getLineNumber()}: ${typeof message === "string" ? message : message.getMessageText()}`
    )
  }
  return { text, file, style: styleOf(text) }
}

/** Runs an edit on a text without its byte order mark, which is put back. */
export const withoutMark = async (text: string, edit: (text: string) => Promise<string>): Promise<string> => {
  if (text.includes("\uFFFD")) throw new NoPlace("it is not UTF-8")
  return text.startsWith(bom) ? bom + (await edit(text.slice(1))) : edit(text)
}

/** Wrappings of an expression that only concern its type. */
const typeOnly = ["ParenthesizedExpression", "AsExpression", "SatisfiesExpression", "NonNullExpression"]

/** An expression without what only concerns its type. */
export const withoutTypes = (node: Node): Node => {
  let at = node
  while (typeOnly.includes(at.getKindName())) at = (at as AsExpression).getExpression()
  return at
}

import { childOf } from "@mortise/core/app/ConfigSchema"
import type * as SchemaAST from "effect/SchemaAST"

const numberOf = (text: string): number | undefined => {
  const number = text.trim() === "" ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : undefined
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * What a text stands for where a Schema (its encoded side) expects something: a number, `true` or `false`, a list (`a, b` or
 * JSON), an object (JSON). A text that is none of it stays as it is, so that it is refused as it was typed.
 */
export const fromText = (ast: SchemaAST.AST | undefined, text: string): unknown => {
  switch (ast?._tag) {
    case "Number":
      return numberOf(text) ?? text
    case "Boolean":
      return text === "true" || (text === "false" ? false : text)
    case "Literal":
      return [numberOf(text), text === "true" || (text === "false" ? false : text)].includes(ast.literal as never)
        ? ast.literal
        : text
    case "Null":
      return text === "null" ? null : text
    case "Union": {
      // what can be told from a text goes first, a text is what is left
      const read = ast.types.map((type) => fromText(type, text)).find((value) => typeof value !== "string")
      return read === undefined ? text : read
    }
    case "Arrays": {
      if (text.trim() === "") return []
      const json = text.trimStart().startsWith("[") ? jsonOf(text) : undefined
      return Array.isArray(json)
        ? json
        : text.split(",").map((item, index) => fromText(childOf(ast, index), item.trim()))
    }
    case "Objects":
      return text.trimStart().startsWith("{") ? (jsonOf(text) ?? text) : text
    case "Suspend":
      return fromText(ast.thunk(), text)
    default:
      return text
  }
}

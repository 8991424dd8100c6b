/**
 * What a Schema says about the values of a configuration, at a path: for whoever reads, prints or explains one.
 */
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"

export type Path = ReadonlyArray<PropertyKey>

/** The Schema of what is under a key; of a union the first member that has the key. */
export const childOf = (ast: SchemaAST.AST, key: PropertyKey): SchemaAST.AST | undefined => {
  switch (ast._tag) {
    case "Objects":
      return (
        ast.propertySignatures.find((property) => property.name === key)?.type ??
        ast.indexSignatures.find((index) => typeof key === "string" || index.parameter._tag !== "String")?.type
      )
    case "Arrays":
      return ast.elements[Number(key)] ?? ast.rest[0]
    case "Union":
      return ast.types.map((type) => childOf(type, key)).find((type) => type !== undefined)
    case "Suspend":
      return childOf(ast.thunk(), key)
    default:
      return undefined
  }
}

/** The Schema of what is at a path. */
export const astAt = (ast: SchemaAST.AST, path: Path): SchemaAST.AST | undefined =>
  path.reduce<SchemaAST.AST | undefined>((at, key) => (at === undefined ? undefined : childOf(at, key)), ast)

/** The keys that a Schema knows at a path, to find the one that was meant. */
export const keysAt = (ast: SchemaAST.AST, path: Path): ReadonlyArray<string> => {
  const at = astAt(ast, path)
  if (at?._tag === "Union") return at.types.flatMap((type) => keysAt(type, []))
  return at?._tag === "Objects" ? at.propertySignatures.map((property) => String(property.name)) : []
}

/** What a Schema expects at a path, in the words of its own error message: "string", "Duration". */
export const expectedAt = (schema: Schema.Constraint, path: Path): string => {
  const at = astAt(Schema.toEncoded(schema).ast, path)
  if (at === undefined) return "a value"
  // nothing but itself accepts a fresh symbol, so the message tells what would be accepted
  const exit = Schema.decodeUnknownExit(Schema.make<Schema.Codec<unknown>>(at))(Symbol("probe"))
  const [reason] = Exit.isFailure(exit) ? exit.cause.reasons : []
  const message = reason?._tag === "Fail" ? reason.error.message.split("\n")[0]! : ""
  return message.startsWith("Expected ") ? message.slice("Expected ".length) : "a value"
}

/** Values under such keys are hidden even where the author of a plugin forgot Schema.Redacted. */
export const soundsSecret = /passw|secret|token|credential|private|api_?key|passphrase/i

const hides = (ast: SchemaAST.AST): boolean => {
  if (ast._tag === "Union") return ast.types.some(hides)
  if (ast._tag !== "Declaration") return false
  const representation = ast.annotations?.representation as { readonly id?: unknown } | undefined
  return representation?.id === "effect/schema/Redacted"
}

/** Whether the value at a path must not be shown: it, or something around it, is redacted or sounds secret. */
export const isSecret = (ast: SchemaAST.AST, path: Path): boolean => {
  let at: SchemaAST.AST | undefined = ast
  if (hides(ast)) return true
  for (const key of path) {
    if (soundsSecret.test(String(key))) return true
    at = at === undefined ? undefined : childOf(at, key)
    if (at !== undefined && hides(at)) return true
  }
  return false
}

/** The value at a path; undefined where there is none. */
export const atPath = (input: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    input
  )

const longest = 40

/** A value for a message: short, and no more than its kind when it is secret. Inner values of objects are not shown. */
export const describe = (value: unknown, secret: boolean): string => {
  if (value === undefined) return "nothing"
  if (value === null) return "null"
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (Redacted.isRedacted(value)) return "a redacted value"
  if (typeof value === "object") return "an object"
  if (secret) return `a ${typeof value} that is not shown`
  if (typeof value !== "string") return String(value)
  return JSON.stringify(value.length > longest ? `${value.slice(0, longest)}…` : value)
}

export { nearest } from "./internal/nearest.ts"

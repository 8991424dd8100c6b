import { atPath, expectedAt, isSecret } from "@mortise/core/app/ConfigSchema"
import type { AnyConfig } from "@mortise/core/app/Plugin"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import { isRecord } from "./Tree.ts"

/** A key that holds a value, not more keys. */
export interface Field {
  readonly path: ReadonlyArray<string>
  /** What it takes, in the words of the Schema: `number`, `"fast" | "safe"`. */
  readonly type: string
  readonly required: boolean
  readonly secret: boolean
  /** The description of the Schema, where it has one. */
  readonly about: string | undefined
}

const MAX_DEPTH = 8

const inner = (ast: SchemaAST.AST): SchemaAST.AST | undefined => {
  if (ast._tag === "Objects" && ast.propertySignatures.length > 0) return ast
  if (ast._tag === "Union") {
    const objects = ast.types.filter((type) => inner(type) !== undefined)
    const others = ast.types.filter((type) => inner(type) === undefined && type._tag !== "Undefined")
    return objects.length === 1 && others.length === 0 ? objects[0] : undefined
  }
  return undefined
}

/** The leaves of a Schema's encoded side, and what is set of records, whose keys are free. */
export const fieldsOf = (schema: AnyConfig, given: unknown): ReadonlyArray<Field> => {
  const root = Schema.toEncoded(schema).ast
  const field = (ast: SchemaAST.AST, path: ReadonlyArray<string>, required: boolean): Field => ({
    path,
    type: expectedAt(schema, path),
    required,
    secret: isSecret(schema.ast, path),
    about: SchemaAST.resolveDescription(ast)
  })
  const visit = (
    ast: SchemaAST.AST,
    path: ReadonlyArray<string>,
    required: boolean,
    depth: number
  ): ReadonlyArray<Field> => {
    const objects = depth < MAX_DEPTH ? inner(ast) : undefined
    if (objects?._tag === "Objects") {
      return objects.propertySignatures.flatMap(({ name, type }) =>
        visit(type, [...path, String(name)], required && !SchemaAST.isOptional(type), depth + 1)
      )
    }
    const value = atPath(given, path)
    if (ast._tag === "Objects" && isRecord(value)) {
      return Object.keys(value).map((key) => field(ast, [...path, key], false))
    }
    return path.length === 0 ? [] : [field(ast, path, required)]
  }
  return visit(root, [], true, 0)
}

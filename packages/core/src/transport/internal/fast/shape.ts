/**
 * The plain part of schemas: records, arrays, strings, numbers, booleans, literals and bytes without transformations.
 * Values of such a shape can be coded straight from and to bytes. The coders here are guesses that know when they are
 * wrong: whatever is not exactly as expected they leave to the general way, which has the last word and words the errors.
 */
import type * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"

/** What a fast coder answers when it leaves a value to the general way. */
export const FAIL: unique symbol = Symbol("FAIL")
/** An optional field that is not there. */
export const MISSING: unique symbol = Symbol("MISSING")

export type Shape =
  | { readonly type: "string" | "boolean" | "bytes" }
  | { readonly type: "number"; readonly whole: boolean }
  | { readonly type: "literal"; readonly values: ReadonlyArray<string> }
  | { readonly type: "array"; readonly item: Shape }
  | RecordShape

export interface RecordShape {
  readonly type: "record"
  readonly fields: ReadonlyArray<{ readonly name: string; readonly optional: boolean; readonly shape: Shape }>
  /** Reads the fields of an object into `values`; `MISSING` for optional ones that are not there. */
  readonly take: (object: object, values: Array<unknown>) => void
  /** Makes an object of `values`. */
  readonly make: (values: ReadonlyArray<unknown>) => object
  /** Room for the fields of one object: shapes do not recur, so one is enough. */
  readonly values: Array<unknown>
}

const MAX_FIELDS = 15
/** In UTF-8 three bytes each at most: a name's length must fit into one byte. */
const MAX_NAME_LENGTH = 85

/** The shape of a schema, or `undefined` where it is not plain. */
export const shapeOf = (schema: Schema.Constraint): Shape | undefined => visit(schema.ast)

const representation = (annotations: unknown): unknown =>
  (annotations as { readonly representation?: { readonly id?: unknown } } | undefined)?.representation?.id

const visit = (ast: SchemaAST.AST): Shape | undefined => {
  if (ast.encoding !== undefined) return undefined
  if (SchemaAST.isNumber(ast)) return numberShape(ast)
  if (ast.checks !== undefined) return undefined
  if (SchemaAST.isString(ast)) return { type: "string" }
  if (SchemaAST.isBoolean(ast)) return { type: "boolean" }
  if (SchemaAST.isLiteral(ast))
    return typeof ast.literal === "string" ? { type: "literal", values: [ast.literal] } : undefined
  if (SchemaAST.isUnion(ast)) return unionShape(ast)
  if (SchemaAST.isDeclaration(ast))
    return representation(ast.annotations) === "effect/schema/Uint8Array" ? { type: "bytes" } : undefined
  if (SchemaAST.isArrays(ast)) {
    const [rest] = ast.rest
    const item = ast.elements.length === 0 && ast.rest.length === 1 && rest !== undefined ? visit(rest) : undefined
    return item === undefined ? undefined : { type: "array", item }
  }
  return SchemaAST.isObjects(ast) ? recordShape(ast) : undefined
}

const numberShape = (ast: SchemaAST.Number): Shape | undefined => {
  let whole = false
  for (const check of ast.checks ?? []) {
    const id = representation(check.annotations)
    if (id === "effect/schema/isInt") whole = true
    else if (id !== "effect/schema/isFinite") return undefined
  }
  return { type: "number", whole }
}

const unionShape = (ast: SchemaAST.Union): Shape | undefined => {
  if (ast.options?.mode === "oneOf") return undefined
  const values: Array<string> = []
  for (const member of ast.types) {
    const shape = visit(member)
    if (shape?.type !== "literal") return undefined
    values.push(...shape.values)
  }
  return { type: "literal", values }
}

const recordShape = (ast: SchemaAST.Objects): Shape | undefined => {
  // a record without fields passes everything that is not nullish, as it is
  const count = ast.propertySignatures.length
  if (ast.indexSignatures.length > 0 || count === 0 || count > MAX_FIELDS) return undefined
  const fields: Array<RecordShape["fields"][number]> = []
  for (const { name, type } of ast.propertySignatures) {
    const shape = visit(type)
    if (shape === undefined || typeof name !== "string") return undefined
    if (name === "__proto__" || name.length > MAX_NAME_LENGTH) return undefined
    fields.push({ name, optional: SchemaAST.isOptional(type), shape })
  }
  return { type: "record", fields, values: new Array(fields.length).fill(undefined), ...accessors(fields) }
}

/** Straight-line access to known fields; loops where code may not be generated (a content security policy). */
const accessors = (fields: RecordShape["fields"]): Pick<RecordShape, "take" | "make"> => {
  const key = (i: number) => JSON.stringify(fields[i]?.name)
  const take = fields.map(({ optional }, i) =>
    optional ? `v[${i}]=${key(i)} in o?o[${key(i)}]:M;` : `v[${i}]=o[${key(i)}];`
  )
  // in the order of the schema, as its parser has it
  const make = fields.some(({ optional }) => optional)
    ? `const r={};${fields.map(({ optional }, i) => `${optional ? `if(v[${i}]!==M)` : ""}r[${key(i)}]=v[${i}];`).join("")}return r`
    : `return{${fields.map((_, i) => `${key(i)}:v[${i}]`).join(",")}}`
  try {
    return {
      take: new Function("M", `return function(o,v){${take.join("")}}`)(MISSING),
      make: new Function("M", `return function(v){${make}}`)(MISSING)
    }
  } catch {
    return {
      take: (object, values) => {
        const source = object as { readonly [name: string]: unknown }
        for (const [i, { name, optional }] of fields.entries())
          values[i] = optional && !(name in source) ? MISSING : source[name]
      },
      make: (values) => {
        const made: { [name: string]: unknown } = {}
        for (const [i, { name }] of fields.entries()) if (values[i] !== MISSING) made[name] = values[i]
        return made
      }
    }
  }
}

/**
 * Whether a number passes the checks of its shape. Beyond 2^53 the general way decides; and so it does on the infinities
 * and NaN, which have a form of their own on the wire.
 */
export const isNumberOf = (shape: Shape & { readonly type: "number" }, value: unknown): value is number =>
  shape.whole ? Number.isSafeInteger(value) : Number.isFinite(value)

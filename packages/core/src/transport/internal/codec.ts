/** What a schema's values look like on a wire. */
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"

/** Plain JSON: bytes as base64, dates as ISO strings, bigints as decimal strings. */
export const json = (schema: Schema.Constraint): Schema.Codec<unknown, unknown> =>
  Schema.toCodecJson(schema as Schema.Codec<unknown, unknown>) as unknown as Schema.Codec<unknown, unknown>

/** As JSON, but bytes stay bytes. */
export const withBytes = (schema: Schema.Constraint): Schema.Codec<unknown, unknown> => {
  const seen = new Map<SchemaAST.AST, SchemaAST.AST>()
  const ast = keepBytes(schema.ast, seen)
  return json(ast === schema.ast ? schema : Schema.make(ast))
}

const isBytes = (ast: SchemaAST.AST): boolean => {
  const about = ast.annotations?.representation as { readonly id?: unknown } | undefined
  return SchemaAST.isDeclaration(ast) && about?.id === "effect/schema/Uint8Array"
}

/** The same tree with every declaration of bytes marked as already being in its wire form; itself where there is none. */
const keepBytes = (ast: SchemaAST.AST, seen: Map<SchemaAST.AST, SchemaAST.AST>): SchemaAST.AST => {
  const known = seen.get(ast)
  if (known !== undefined) return known
  const made = rebuild(ast, (child) => keepBytes(child, seen), seen)
  seen.set(ast, made)
  return made
}

const rebuild = (
  ast: SchemaAST.AST,
  recur: (ast: SchemaAST.AST) => SchemaAST.AST,
  seen: Map<SchemaAST.AST, SchemaAST.AST>
): SchemaAST.AST => {
  if (ast.encoding !== undefined) {
    const links = ast.encoding
    const last = links[links.length - 1] as SchemaAST.Link
    const to = recur(last.to)
    if (to === last.to) return ast
    const copy = Object.create(Object.getPrototypeOf(ast), Object.getOwnPropertyDescriptors(ast)) as SchemaAST.AST
    const encoding = [...links.slice(0, -1), new SchemaAST.Link(to, last.transformation)]
    Object.defineProperty(copy, "encoding", { value: encoding, enumerable: true })
    return copy
  }
  if (SchemaAST.isDeclaration(ast)) {
    const types = SchemaAST.mapOrSame(ast.typeParameters, recur)
    const bytes = isBytes(ast)
    if (types === ast.typeParameters && !bytes) return ast
    const annotations = bytes ? { ...ast.annotations, toCodecJson: () => undefined } : ast.annotations
    return new SchemaAST.Declaration(types, ast.run, annotations, ast.checks, undefined, ast.context)
  }
  if (SchemaAST.isArrays(ast)) {
    const elements = SchemaAST.mapOrSame(ast.elements, recur)
    const rest = SchemaAST.mapOrSame(ast.rest, recur)
    if (elements === ast.elements && rest === ast.rest) return ast
    return new SchemaAST.Arrays(ast.isMutable, elements, rest, ast.annotations, ast.checks, undefined, ast.context)
  }
  if (SchemaAST.isObjects(ast)) {
    const fields = SchemaAST.mapOrSame(ast.propertySignatures, (field) => {
      const type = recur(field.type)
      return type === field.type ? field : new SchemaAST.PropertySignature(field.name, type)
    })
    const indexes = SchemaAST.mapOrSame(ast.indexSignatures, (index) => {
      const type = recur(index.type)
      return type === index.type ? index : new SchemaAST.IndexSignature(index.parameter, type)
    })
    if (fields === ast.propertySignatures && indexes === ast.indexSignatures) return ast
    return new SchemaAST.Objects(fields, indexes, ast.annotations, ast.checks, undefined, ast.context)
  }
  if (SchemaAST.isUnion(ast)) {
    const types = SchemaAST.mapOrSame(ast.types, recur)
    if (types === ast.types) return ast
    return new SchemaAST.Union(types, ast.options, ast.annotations, ast.checks, undefined, ast.context)
  }
  if (SchemaAST.isSuspend(ast)) {
    const made = new SchemaAST.Suspend(() => recur(ast.thunk()), ast.annotations, ast.checks, undefined, ast.context)
    // registered before it is entered, or a recursive schema would be walked for ever
    seen.set(ast, made)
    return made
  }
  return ast
}

/**
 * Whether what a codec is given to decode can nest without bound: only that needs a look at its depth first. `codec` is
 * one that `json` or `withBytes` made.
 */
export const isUnbounded = (codec: Schema.Constraint): boolean => {
  const seen = new Set<SchemaAST.AST>()
  const visit = (ast: SchemaAST.AST): boolean => {
    if (seen.has(ast)) return false
    seen.add(ast)
    const encoded = ast.encoding?.at(-1)
    if (encoded !== undefined) return visit(encoded.to)
    if (SchemaAST.isSuspend(ast) || SchemaAST.isUnknown(ast) || SchemaAST.isAny(ast) || SchemaAST.isObjectKeyword(ast))
      return true
    // one without an encoding checks plain data in a way of its own, as that of any JSON does
    if (SchemaAST.isDeclaration(ast)) return !isBytes(ast)
    if (SchemaAST.isArrays(ast)) return ast.elements.some(visit) || ast.rest.some(visit)
    if (SchemaAST.isObjects(ast)) {
      return ast.propertySignatures.some((f) => visit(f.type)) || ast.indexSignatures.some((i) => visit(i.type))
    }
    return SchemaAST.isUnion(ast) && ast.types.some(visit)
  }
  return visit(codec.ast)
}

/** Whether plain data nests deeper than `max`; walks without recursion. */
export const isDeeperThan = (value: unknown, max: number): boolean => {
  let level: Array<object> = typeof value === "object" && value !== null ? [value] : []
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > max) return true
    const next: Array<object> = []
    for (const item of level) {
      if (ArrayBuffer.isView(item)) continue
      for (const child of Object.values(item)) if (typeof child === "object" && child !== null) next.push(child)
    }
    level = next
  }
  return false
}

const formatter = SchemaIssue.makeFormatterStandardSchemaV1()

/** A path is told up to so many steps of so many letters: keys of a record are the peer's own, and may be as long as a frame. */
const MAX_STEPS = 32
const MAX_STEP_LENGTH = 64

/** The first problem of a failed decode: where and what, in words. Values are not repeated: they may be secrets. */
export const describe = (
  error: Schema.SchemaError
): { readonly path: ReadonlyArray<string>; readonly message: string } => {
  const first = formatter(error.issue).issues[0]
  const path = (first?.path ?? [])
    .slice(0, MAX_STEPS)
    .map((key) => String(typeof key === "object" ? key.key : key).slice(0, MAX_STEP_LENGTH))
  return { path, message: first?.message ?? "the value does not match its schema" }
}

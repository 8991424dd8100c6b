/** Makes of a query what can be run again and again: its text, and the coders of what goes in and comes out. */
import type { Typed } from "@mortise/core/orm/Expression"
import type { OrmError } from "@mortise/core/orm/OrmError"
import { QueryInvalid } from "@mortise/core/orm/OrmError"
import type * as Node from "@mortise/core/orm/QueryNode"
import type * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { Connection, Statement, StoredRow } from "../Driver.ts"
import type { Codecs } from "./codecs.ts"
import type { Coders, Decoder, Encoder } from "./generate.ts"
import { compileInsert } from "./insert.ts"
import { mapped } from "./outcome.ts"
import { Rendering } from "./Rendering.ts"
import { rawText } from "./raw.ts"

/** The fiber that runs a query: it has the clock. */
export type AnyFiber = Fiber.Fiber<unknown, unknown>

export type Parameters = { readonly [name: string]: unknown }

export interface Compiled {
  /** Needs a connection that may write. */
  readonly writes: boolean
  /** Several statements: all of them or none. */
  readonly several: boolean
  readonly execute: (
    connection: Connection,
    parameters: Parameters,
    fiber: AnyFiber
  ) => Effect.Effect<unknown, OrmError>
  /** For selects: what a stream needs. */
  readonly stream: { readonly statement: Statement; readonly encode: Encoder; readonly decode: Decoder } | undefined
}

/** What compiling needs to know. */
export interface Compiler {
  readonly codecs: Codecs
  readonly coders: Coders
  /** Statements by text, so that the database prepares each once. */
  readonly statement: (statement: Statement) => Statement
}

export interface Result {
  readonly wide: boolean
  readonly decode: Decoder
}

/** The coders of a result. Where a row of a join may be missing, each of its columns may be null. */
export const resultOf = (
  { codecs, coders }: Compiler,
  columns: ReadonlyArray<{ readonly as: string; readonly typed: Typed; readonly orNull: boolean }>
): Result => {
  const wide = columns.some(({ typed }) => codecs.dialect.needsWide(typed.type))
  const outputs = columns.map(({ as, orNull, typed }) => ({ as, typed, codec: codecs.output(typed, wide, orNull) }))
  return { wide, decode: coders.decoder(outputs, `${wide} ${columns.map(({ orNull }) => Number(orNull)).join("")}`) }
}

export const outputsOf = (columns: ReadonlyArray<Node.Output>, missing: ReadonlySet<string> = new Set()) =>
  columns.map(({ as, expression }) => {
    const { typed } = expression
    if (typed === undefined) throw new QueryInvalid({ problem: `nothing says what type "${as}" has` })
    return { as, typed, orNull: expression._tag === "column" && missing.has(expression.source) }
  })

export const decodeAll =
  (decode: Decoder) =>
  (rows: ReadonlyArray<StoredRow>): ReadonlyArray<unknown> => {
    const length = rows.length
    const values = new Array<unknown>(length)
    for (let i = 0; i < length; i++) values[i] = decode(rows[i] as StoredRow)
    return values
  }

const compileSelect = (compiler: Compiler, node: Node.SelectNode): Compiled => {
  const rendering = new Rendering(compiler.codecs)
  const sql = rendering.select(node)
  const missing = new Set(node.joins.filter(({ kind }) => kind === "left").map(({ alias }) => alias))
  const { decode, wide } = resultOf(compiler, outputsOf(node.columns, missing))
  const statement = compiler.statement({ sql, wide, model: undefined, returns: true })
  const encode = compiler.coders.encoder(rendering.inputs)
  const all = decodeAll(decode)
  const first = (rows: ReadonlyArray<StoredRow>) =>
    rows.length === 0 ? Option.none() : Option.some(decode(rows[0] as StoredRow))
  const finish: (rows: ReadonlyArray<StoredRow>) => unknown = node.result === "first" ? first : all
  return {
    writes: node.lock !== undefined,
    several: false,
    execute: (connection, parameters) => mapped(connection.rows(statement, encode(parameters)), finish),
    stream: { statement, encode, decode }
  }
}

/** An update or a delete: rows when it returns some, or their count. */
const compileWrite = (
  compiler: Compiler,
  { model, returning }: Node.UpdateNode | Node.DeleteNode,
  rendering: Rendering,
  text: string
): Compiled => {
  const common = { writes: true, several: false, stream: undefined }
  if (returning === undefined) {
    const encode = compiler.coders.encoder(rendering.inputs)
    const statement = compiler.statement({ sql: text, wide: false, model, returns: false })
    return { ...common, execute: (connection, parameters) => connection.count(statement, encode(parameters)) }
  }
  rendering.needs(returning.feature)
  const columns = returning.columns.map(({ expression }) => rendering.expression(expression)).join(", ")
  const encode = compiler.coders.encoder(rendering.inputs)
  const { decode, wide } = resultOf(compiler, outputsOf(returning.columns))
  const statement = compiler.statement({ sql: `${text} returning ${columns}`, wide, model, returns: true })
  const all = decodeAll(decode)
  return {
    ...common,
    execute: (connection, parameters) => mapped(connection.rows(statement, encode(parameters)), all)
  }
}

export const assignmentsText = (rendering: Rendering, set: ReadonlyArray<Node.Assignment>): string =>
  set.map(({ field, to }) => `${rendering.name(field.name)} = ${rendering.assigned(to, field.nullable)}`).join(", ")

const compileUpdate = (compiler: Compiler, node: Node.UpdateNode): Compiled => {
  const { model, set, where } = node
  if (set.length === 0) throw new QueryInvalid({ problem: `an update of "${model.name}" sets nothing` })
  const rendering = new Rendering(compiler.codecs)
  let text = `update ${rendering.name(model.name)} set ${assignmentsText(rendering, set)}`
  if (where !== undefined) text += ` where ${rendering.expression(where)}`
  return compileWrite(compiler, node, rendering, text)
}

const compileDelete = (compiler: Compiler, node: Node.DeleteNode): Compiled => {
  const rendering = new Rendering(compiler.codecs)
  let text = `delete from ${rendering.name(node.model.name)}`
  if (node.where !== undefined) text += ` where ${rendering.expression(node.where)}`
  return compileWrite(compiler, node, rendering, text)
}

const compileRaw = (compiler: Compiler, node: Node.RawNode): Compiled => {
  const { dialect } = compiler.codecs
  const text = Object.hasOwn(node.text, dialect.name) ? node.text[dialect.name] : undefined
  if (text === undefined) throw new QueryInvalid({ problem: `it has no text for ${dialect.name}` })
  const rendering = new Rendering(compiler.codecs)
  rendering.needs(node.feature)
  const sql = rawText(text, (name) => {
    const typed = Object.hasOwn(node.slots, name) ? node.slots[name] : undefined
    if (typed === undefined) throw new QueryInvalid({ problem: `its slot ":${name}" has no type` })
    return rendering.assigned({ _tag: "slot", name, list: false, typed }, typed.nullable)
  })
  const encode = compiler.coders.encoder(rendering.inputs)
  const common = { several: false, stream: undefined }
  if (node.columns === undefined) {
    const statement = compiler.statement({ sql, wide: false, model: undefined, returns: false })
    return {
      ...common,
      writes: true,
      execute: (connection, parameters) => connection.count(statement, encode(parameters))
    }
  }
  const columns = node.columns.map((column) => ({ ...column, orNull: false }))
  const { decode, wide } = resultOf(compiler, columns)
  const statement = compiler.statement({ sql, wide, model: undefined, returns: true })
  const all = decodeAll(decode)
  return {
    ...common,
    writes: !/^\s*select\b/i.test(sql),
    execute: (connection, parameters) => mapped(connection.rows(statement, encode(parameters)), all)
  }
}

/** Throws `QueryInvalid` and `UnsupportedFeature`. */
export const compile = (compiler: Compiler, node: Node.QueryNode): Compiled => {
  switch (node._tag) {
    case "select":
      return compileSelect(compiler, node)
    case "insert":
      return compileInsert(compiler, node)
    case "update":
      return compileUpdate(compiler, node)
    case "delete":
      return compileDelete(compiler, node)
    case "raw":
      return compileRaw(compiler, node)
  }
}

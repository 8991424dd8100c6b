import type { Any as AnyModel, Field } from "@mortise/core/orm/Model"
import type { OrmError } from "@mortise/core/orm/OrmError"
import { QueryInvalid } from "@mortise/core/orm/OrmError"
import type { Conflict, InsertNode, Output } from "@mortise/core/orm/QueryNode"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Connection, Statement, StoredRow } from "../Driver.ts"
import {
  type AnyFiber,
  assignmentsText,
  type Compiled,
  type Compiler,
  outputsOf,
  type Parameters,
  type Result,
  resultOf
} from "./compile.ts"
import { type Encoder, namingOutput } from "./generate.ts"
import { insertionOf } from "./insertion.ts"
import { attempt, isDone, mapped } from "./outcome.ts"
import { Rendering } from "./Rendering.ts"

type Row = { [property: string]: unknown }

/** Rows that are written before others get their turn. */
const chunkRows = 1000

const rowOutputs = (model: AnyModel): ReadonlyArray<Output> =>
  model.fields.map((field) => ({
    as: field.property,
    expression: { _tag: "column", source: model.name, field, typed: field }
  }))

/** The statement for rows that have all `fields`, what follows their values, and how its result is read. */
interface Variant {
  readonly statement: Statement
  readonly rest: Encoder
  readonly result: Result | undefined
}

const conflictText = (rendering: Rendering, { feature, on, set }: Conflict): string => {
  rendering.needs(feature)
  if (on.length === 0) throw new QueryInvalid({ problem: "a conflict needs the columns that are unique" })
  const text = ` on conflict (${on.map(({ name }) => rendering.name(name)).join(", ")}) do `
  return text + (set.length === 0 ? "nothing" : `update set ${assignmentsText(rendering, set)}`)
}

const variantOf = (
  compiler: Compiler,
  node: InsertNode,
  fields: ReadonlyArray<Field>,
  numbered: Field | undefined
): Variant => {
  const { conflict, many, model, result } = node
  const { dialect } = compiler.codecs
  const rendering = new Rendering(compiler.codecs, fields.length)
  const names = fields.map(({ name }) => rendering.name(name)).join(", ")
  const values =
    many && dialect.manyRows !== undefined
      ? dialect.manyRows(fields)
      : `values (${fields.map((field, i) => rendering.mark(i, field)).join(", ")})`
  let sql = `insert into ${rendering.name(model.name)} ${fields.length === 0 ? "default values" : `(${names}) ${values}`}`
  if (conflict !== undefined) sql += conflictText(rendering, conflict)
  if (rendering.inputs.some(({ source }) => "slot" in source)) {
    throw new QueryInvalid({ problem: "an insert takes rows and no other parameters" })
  }
  let returned: ReadonlyArray<Output> = []
  if (result !== "count" && conflict !== undefined) returned = rowOutputs(model)
  else if (result !== "count" && numbered !== undefined && dialect.generatedKey === "returned") {
    returned = rowOutputs(model).filter(({ as }) => as === numbered.property)
  }
  const read = returned.length === 0 ? undefined : resultOf(compiler, outputsOf(returned))
  if (returned.length > 0) {
    rendering.needs("returning")
    sql += ` returning ${returned.map(({ expression }) => rendering.expression(expression)).join(", ")}`
  }
  const lists = many && dialect.manyRows !== undefined ? { lists: fields.length } : {}
  // the number that the database gives may be past 2^53
  const wide = read?.wide ?? numbered?.type.kind === "bigInteger"
  const silent = conflict === undefined && read === undefined && (numbered === undefined || result === "count")
  const statement = { sql, wide, model, returns: read !== undefined, silent, ...lists }
  return { statement: compiler.statement(statement), rest: compiler.coders.encoder(rendering.inputs), result: read }
}

export const compileInsert = (compiler: Compiler, node: InsertNode): Compiled => {
  const { conflict, many, model, result } = node
  const insertion = insertionOf(model, compiler.codecs, compiler.coders.generated)
  const key = model.fields.find(({ spec }) => spec.key === "numbered")
  const full = variantOf(compiler, node, model.fields, undefined)
  const without =
    key === undefined
      ? full
      : variantOf(
          compiler,
          node,
          model.fields.filter((field) => field !== key),
          key
        )
  const whole = result !== "count" && conflict === undefined
  const keyOf =
    key === undefined
      ? undefined
      : namingOutput({
          as: key.property,
          typed: key,
          codec: compiler.codecs.output(key, key.type.kind === "bigInteger", false)
        })

  /** The row that the program gets: what the statement returned, or what was stored with the number it got. */
  const finished = (row: Row | undefined, numbered: boolean, variant: Variant, answer: unknown): Row | undefined => {
    if (conflict !== undefined) return answer === undefined ? undefined : variant.result?.decode(answer as StoredRow)
    if (row === undefined || !numbered || key === undefined) return row
    const given =
      variant.result === undefined ? keyOf?.(answer) : variant.result.decode(answer as StoredRow)[key.property]
    row[key.property] = given
    return row
  }

  const insertOne = (
    connection: Connection,
    parameters: Parameters,
    fiber: AnyFiber
  ): Effect.Effect<unknown, OrmError> => {
    const { numbered, row, values } = insertion(parameters, fiber, whole)
    const variant = numbered ? without : full
    if (conflict !== undefined) values.push(...variant.rest(parameters))
    if (result === "count") return connection.count(variant.statement, values)
    if (variant.result !== undefined)
      return returning(connection.rows(variant.statement, values), row, variant, numbered)
    const answer = connection.insert(variant.statement, values)
    // all of it is known already
    if (!numbered && isDone(answer) && answer._tag === "Success") return Exit.succeed(row)
    return completed(answer, row, variant, numbered)
  }

  // apart, so that the closures cost nothing where they are not needed
  const completed = (
    answer: Effect.Effect<unknown, OrmError>,
    row: Row | undefined,
    variant: Variant,
    numbered: boolean
  ) => mapped(answer, (answer) => finished(row, numbered, variant, answer))

  const returning = (
    answer: Effect.Effect<ReadonlyArray<StoredRow>, OrmError>,
    row: Row | undefined,
    variant: Variant,
    numbered: boolean
  ) =>
    mapped(answer, (rows) => {
      const answer = finished(row, numbered, variant, rows[0])
      return result === "one" ? answer : answer === undefined ? [] : [answer]
    })

  /** Consecutive rows that one statement takes. */
  const insertRun = (connection: Connection, rows: ReadonlyArray<Row>, from: number, fiber: AnyFiber) => {
    const sets: Array<ReadonlyArray<unknown>> = []
    const given: Array<Row | undefined> = []
    let variant: Variant | undefined
    let numbered = false
    let next = from
    for (; next < rows.length && sets.length < chunkRows; next++) {
      const inserted = insertion(rows[next] as Row, fiber, whole)
      const needed = inserted.numbered ? without : full
      if (variant !== undefined && variant !== needed) break
      variant = needed
      numbered = inserted.numbered
      if (conflict !== undefined) inserted.values.push(...needed.rest({}))
      sets.push(inserted.values)
      given.push(inserted.row)
    }
    const used = variant ?? full
    const answer = mapped(connection.many(used.statement, sets), ({ count, results }) => ({
      count,
      rows:
        result === "count"
          ? []
          : results.map((one, i) => finished(given[i], numbered, used, one)).filter((row) => row !== undefined)
    }))
    return { next, answer }
  }

  const insertAll = (
    connection: Connection,
    parameters: Parameters,
    fiber: AnyFiber
  ): Effect.Effect<unknown, OrmError> => {
    const rows = parameters["rows"] as ReadonlyArray<Row> | undefined
    if (!Array.isArray(rows))
      throw new QueryInvalid({ problem: `an insert of many into "${model.name}" takes { rows }` })
    const written: Array<Row> = []
    let count = 0
    const go = (from: number): Effect.Effect<unknown, OrmError> => {
      if (from >= rows.length) return Effect.sync(() => (result === "count" ? count : written))
      return attempt(() => {
        const { answer, next } = insertRun(connection, rows, from, fiber)
        return Effect.flatMap(answer, (part) => {
          count += part.count
          for (const row of part.rows) written.push(row)
          // a long list of rows must not keep others from their turn
          return next < rows.length
            ? Effect.andThen(
                Effect.yieldNow,
                Effect.suspend(() => go(next))
              )
            : go(next)
        })
      })
    }
    return go(0)
  }

  return { writes: true, several: many, stream: undefined, execute: many ? insertAll : insertOne }
}

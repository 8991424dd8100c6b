// The contract on arrays: a throw-away implementation of another nature than SQL, to see what the contract takes for granted.
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type { Any as AnyModel, Field } from "../../../src/orm/Model.ts"
import type { Interpreter } from "../../../src/orm/Orm.ts"
import { QueryInvalid, TransactionAborted, UniqueViolation, ValueInvalid } from "../../../src/orm/OrmError.ts"
import type * as Node from "../../../src/orm/QueryNode.ts"
import { assigned, compare, evaluate, type Row, type Scope, sortable, verify } from "./evaluate.ts"
import { checked } from "./values.ts"

type Parameters = { readonly [name: string]: unknown }
type Tables = Map<string, { rows: Array<Row>; next: number }>

const features = new Set([
  "returning",
  "upsert",
  "join",
  "aggregate",
  "subquery",
  "lock.update",
  "lock.skipLocked",
  "limit.perGroup"
])

const copy = (tables: Tables): Tables => new Map([...tables].map(([name, t]) => [name, { ...t, rows: [...t.rows] }]))

/** Runs queries on one state of the tables. */
class State {
  readonly tables: Tables
  constructor(tables: Tables) {
    this.tables = tables
  }

  private table({ name }: AnyModel) {
    const known = this.tables.get(name)
    if (known !== undefined) return known
    const fresh = { rows: [] as Array<Row>, next: 1 }
    this.tables.set(name, fresh)
    return fresh
  }

  private scope(parameters: Parameters, rows: Scope["rows"], group?: Scope["group"]): Scope {
    return { rows, parameters, group, select: (node) => this.select(node, parameters).map((row) => Object.values(row)) }
  }

  private matches(model: AnyModel, where: Node.UpdateNode["where"], parameters: Parameters) {
    const { rows } = this.table(model)
    if (where === undefined) return new Set(rows)
    return new Set(rows.filter((row) => evaluate(where, this.scope(parameters, { [model.name]: row })) === true))
  }

  select(node: Node.SelectNode, parameters: Parameters): ReadonlyArray<Row> {
    const at = (rows: Scope["rows"], group?: Scope["group"]) => this.scope(parameters, rows, group)
    let found: ReadonlyArray<Scope["rows"]> = this.table(node.from.model).rows.map((row) => ({
      [node.from.alias]: row
    }))
    for (const { alias, kind, model, on } of node.joins) {
      found = found.flatMap((rows) => {
        const joined = this.table(model)
          .rows.map((row) => ({ ...rows, [alias]: row }))
          .filter((rows) => evaluate(on, at(rows)) === true)
        return joined.length === 0 && kind === "left" ? [{ ...rows, [alias]: undefined }] : joined
      })
    }
    const { having, where } = node
    // a filter that is wrong is wrong for no row, too
    if (where !== undefined && found.length === 0) evaluate(where, at({}))
    if (where !== undefined) found = found.filter((rows) => evaluate(where, at(rows)) === true)
    let scopes = found.map((rows) => at(rows))
    const aggregates = JSON.stringify(node.columns.map(({ expression }) => expression._tag)).includes("aggregate")
    if (node.groupBy.length > 0 || aggregates) {
      const groups = new Map<string, Array<Scope["rows"]>>()
      if (node.groupBy.length === 0) groups.set("", [])
      for (const scope of scopes) {
        const key = node.groupBy.map((by) => String(sortable(evaluate(by, scope), by.typed))).join("\n")
        groups.set(key, [...(groups.get(key) ?? []), scope.rows])
      }
      scopes = [...groups.values()].map((group) => at(group[0] ?? {}, group))
      if (having !== undefined) scopes = scopes.filter((scope) => evaluate(having, scope) === true)
    }
    const number = (of: Node.SelectNode["limit"]) => (of === undefined ? undefined : (evaluate(of, at({})) as number))
    for (const { descending, expression } of node.orderBy.toReversed()) {
      const key = (scope: Scope) => sortable(evaluate(expression, scope), expression.typed)
      scopes = scopes.toSorted((a, b) => compare(key(a), key(b)) * (descending ? -1 : 1))
    }
    const { perGroup } = node
    if (perGroup !== undefined) {
      const seen = new Map<unknown, number>()
      const most = number(perGroup.limit) ?? 0
      scopes = scopes.filter((scope) => {
        const key = sortable(evaluate(perGroup.by, scope), perGroup.by.typed)
        seen.set(key, (seen.get(key) ?? 0) + 1)
        return (seen.get(key) ?? 0) <= most
      })
    }
    let rows = scopes.map((scope) => this.output(node.columns, scope))
    if (node.distinct) rows = [...new Map(rows.map((row) => [Object.values(row).map(String).join("\n"), row])).values()]
    const offset = number(node.offset) ?? 0
    const limit = number(node.limit)
    return rows.slice(offset, limit === undefined ? undefined : offset + limit)
  }

  private output(columns: ReadonlyArray<Node.Output>, scope: Scope): Row {
    return Object.fromEntries(
      columns.map(({ as, expression }) => {
        if (expression.typed === undefined) throw new QueryInvalid({ problem: `nothing says what type "${as}" has` })
        const value = evaluate(expression, scope)
        return [as, typeof value === "object" ? structuredClone(value) : value]
      })
    )
  }

  private complete(model: AnyModel, given: Row, now: number): Row {
    if (typeof given !== "object" || given === null) {
      throw new ValueInvalid({ table: model.name, column: "", problem: "expected a row" })
    }
    for (const [property, value] of Object.entries(given)) {
      if (model.field(property) === undefined || value === undefined) {
        throw new ValueInvalid({ table: model.name, column: property, problem: "no such column, or undefined" })
      }
    }
    const valueOf = (field: Field): unknown => {
      const value = given[field.property]
      if (value !== undefined) return value
      const fallback = field.spec.default
      if (fallback !== undefined) return "make" in fallback ? fallback.make({ now }) : fallback.value
      return field.spec.key === "numbered" ? undefined : field.nullable ? null : undefined
    }
    return Object.fromEntries(
      model.fields.map((field) => {
        const value = valueOf(field)
        const numbered = value === undefined && field.spec.key === "numbered"
        return [field.property, numbered ? undefined : checked(value, field, field.nullable)]
      })
    )
  }

  /** The unique keys of a row, each as text, with the properties that it is made of. Nulls are never the same. */
  private keysOf(model: AnyModel, row: Row) {
    const { indexes, primaryKey } = model.table
    const sets = [primaryKey, ...indexes.filter(({ unique }) => unique).map(({ columns }) => columns)]
    return sets.flatMap((names) => {
      const fields = model.fields.filter(({ name }) => names.includes(name))
      const values = fields.map((field) => sortable(row[field.property], field))
      if (values.length === 0 || values.includes(null)) return []
      const properties = fields.map(({ property }) => property)
      return [{ text: `${properties.join()} ${values.join("\n")}`, properties }]
    })
  }

  /** Every row under each of its unique keys; fails when two have the same. */
  private index(model: AnyModel): Map<string, Row> {
    const index = new Map<string, Row>()
    for (const row of this.table(model).rows) this.enter(model, index, row)
    return index
  }

  private enter(model: AnyModel, index: Map<string, Row>, row: Row): void {
    for (const { properties, text } of this.keysOf(model, row)) {
      if (index.has(text)) throw this.violated(model, properties)
      index.set(text, row)
    }
  }

  private violated(model: AnyModel, columns: ReadonlyArray<string>) {
    const names = columns.map((property) => model.field(property)?.name)
    const index = model.table.indexes.find((index) => index.columns.every((name) => names.includes(name)))
    return new UniqueViolation({ table: model.name, columns, constraint: index?.name ?? "" })
  }

  private insertOne(
    node: Node.InsertNode,
    given: Row,
    now: number,
    index: Map<string, Row>
  ): { readonly row: Row; readonly met: boolean } {
    const { conflict, model } = node
    const table = this.table(model)
    const completed = this.complete(model, given, now)
    const numbered = model.fields.find((field) => completed[field.property] === undefined)
    const row =
      numbered === undefined ? completed : { ...completed, [numbered.property]: numberOf(numbered, table.next) }
    const taken = this.keysOf(model, row).find(({ text }) => index.has(text))
    if (taken !== undefined) {
      const there = index.get(taken.text) as Row
      const same = conflict?.on.every((field) => taken.properties.includes(field.property)) ?? false
      if (conflict === undefined || !same) throw this.violated(model, taken.properties)
      if (conflict.set.length === 0) return { row, met: false }
      const scope = this.scope({}, { [model.name]: there, excluded: row })
      const changed = this.assign(conflict.set, there, scope)
      table.rows[table.rows.indexOf(there)] = changed
      for (const { text } of this.keysOf(model, there)) index.delete(text)
      this.enter(model, index, changed)
      return { row: changed, met: true }
    }
    this.enter(model, index, row)
    for (const field of model.fields) {
      if (field.spec.key === "numbered") table.next = Math.max(table.next, Number(row[field.property]) + 1)
    }
    table.rows.push(row)
    return { row, met: true }
  }

  private assign(set: ReadonlyArray<Node.Assignment>, row: Row, scope: Scope): Row {
    return {
      ...row,
      ...Object.fromEntries(set.map(({ field, to }) => [field.property, assigned(to, scope, field.nullable)]))
    }
  }

  insert(node: Node.InsertNode, parameters: Parameters, now: number): unknown {
    const given = node.many ? (parameters["rows"] as ReadonlyArray<Row>) : [parameters]
    const index = this.index(node.model)
    const done = given.map((row) => this.insertOne(node, row, now, index))
    const rows = done.filter(({ met }) => met).map(({ row }) => structuredClone(row))
    return node.result === "count" ? rows.length : node.result === "one" ? rows[0] : rows
  }

  write(node: Node.UpdateNode | Node.DeleteNode, parameters: Parameters): unknown {
    const { model, returning, where } = node
    const table = this.table(model)
    if (node._tag === "update" && node.set.length === 0) throw new QueryInvalid({ problem: "it sets nothing" })
    const scope = (row: Row) => this.scope(parameters, { [model.name]: row })
    // wrong parameters are wrong whether a row matches or not
    if (node._tag === "update") this.assign(node.set, {}, scope({}))
    if (where !== undefined) evaluate(where, scope({}))
    const met = this.matches(model, where, parameters)
    const written: Array<Row> = []
    table.rows = table.rows.flatMap((row) => {
      if (!met.has(row)) return [row]
      if (node._tag === "delete") {
        written.push(row)
        return []
      }
      const changed = this.assign(node.set, row, scope(row))
      written.push(changed)
      return [changed]
    })
    if (node._tag === "update") this.index(model)
    if (returning === undefined) return written.length
    return written.map((row) => this.output(returning.columns, scope(row)))
  }

  run(node: Node.QueryNode, parameters: Parameters, now: number): unknown {
    switch (node._tag) {
      case "select": {
        const rows = this.select(node, parameters)
        return node.result === "first" ? Option.fromUndefinedOr(rows[0]) : rows
      }
      case "insert":
        return this.insert(node, parameters, now)
      case "update":
      case "delete":
        return this.write(node, parameters)
      case "raw":
        throw new QueryInvalid({ problem: "memory has no text" })
    }
  }
}

const numberOf = ({ type }: Field, next: number) => (type.kind === "bigInteger" ? BigInt(next) : next)

interface Level {
  readonly tables: { current: Tables }
  readonly inner: Semaphore.Semaphore
  readonly hooks: Array<Effect.Effect<void>>
  open: number
  ended: string | undefined
}

export const make = (): Interpreter => {
  let committed: Tables = new Map()
  const turn = Semaphore.makeUnsafe(1)
  const key = Context.Service<Level>(`test/MemoryOrm/${Math.random()}`)

  const verified = (node: Node.QueryNode) => {
    verify(node, features)
    if (node._tag === "insert" && node.conflict?.on.length === 0) throw new QueryInvalid({ problem: "on nothing" })
    if (node._tag === "select" && node.columns.length === 0) throw new QueryInvalid({ problem: "it selects nothing" })
  }
  const attempt = <A>(f: () => A): Exit.Exit<A, never> => {
    try {
      return Exit.succeed(f())
    } catch (error) {
      return (error as { readonly _tag?: unknown })._tag === undefined ? Exit.die(error) : Exit.fail(error as never)
    }
  }
  /** On a copy, which replaces the state when it succeeds. */
  const on = (tables: { current: Tables }, node: Node.QueryNode, parameters: unknown) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      attempt(() => {
        verified(node)
        const next = copy(tables.current)
        const value = new State(next).run(node, (parameters ?? {}) as Parameters, now)
        tables.current = next
        return value
      })
    )
  const outside = {
    get current() {
      return committed
    },
    set current(next: Tables) {
      committed = next
    }
  }
  const ended = (level: Level) => new TransactionAborted({ reason: level.ended ?? "" })
  const within = <A, E>(level: Level, f: Effect.Effect<A, E>) => {
    const now = Effect.suspend(
      (): Effect.Effect<A, E | TransactionAborted> => (level.ended === undefined ? f : Effect.fail(ended(level)))
    )
    return Effect.suspend(() => (level.open > 0 ? level.inner.withPermits(1)(now) : now))
  }

  const run = ({ node }: { readonly node: Node.QueryNode }, parameters?: unknown) =>
    Effect.withFiber((fiber) => {
      const level = Context.getOrUndefined(fiber.context, key)
      if (level === undefined) {
        const statement = on(outside, node, parameters)
        return node._tag === "select" ? statement : turn.withPermits(1)(statement)
      }
      const statement = Effect.tapError(on(level.tables, node, parameters), (error: { readonly _tag: string }) =>
        Effect.sync(() => {
          if (error._tag === "UniqueViolation") level.ended ??= "an earlier statement failed"
        })
      )
      return within(level, statement)
    })

  const levelOf = (tables: Tables): Level => ({
    tables: { current: tables },
    inner: Semaphore.makeUnsafe(1),
    hooks: [],
    open: 0,
    ended: undefined
  })
  const begun = <A, E, R>(effect: Effect.Effect<A, E, R>, from: () => Tables, keep: (level: Level) => void) =>
    Effect.suspend(() => {
      const level = levelOf(from())
      return Effect.onExit(Effect.provideService(effect, key, level), (exit) =>
        Effect.sync(() => {
          if (Exit.isSuccess(exit) && level.ended === undefined) keep(level)
        })
      ).pipe(
        Effect.flatMap((value) => (level.ended === undefined ? Effect.succeed(value) : Effect.fail(ended(level)))),
        Effect.ensuring(Effect.sync(() => void (level.ended ??= "it is over")))
      )
    })

  const transaction: Interpreter["transaction"] = (effect) =>
    Effect.withFiber((fiber) => {
      const outer = Context.getOrUndefined(fiber.context, key)
      if (outer === undefined) {
        let hooks: ReadonlyArray<Effect.Effect<void>> = []
        const keep = (level: Level) => {
          committed = level.tables.current
          hooks = level.hooks
        }
        const harmless = (hook: Effect.Effect<void>) => Effect.catchCause(hook, () => Effect.void)
        return turn
          .withPermits(1)(begun(effect, () => committed, keep))
          .pipe(Effect.tap(() => Effect.forEach(hooks, harmless, { discard: true })))
      }
      const keep = (level: Level) => {
        outer.tables.current = level.tables.current
        outer.hooks.push(...level.hooks)
      }
      const inner = Effect.suspend(() =>
        outer.ended === undefined ? begun(effect, () => outer.tables.current, keep) : Effect.fail(ended(outer))
      )
      return Effect.suspend(() => {
        outer.open++
        return outer.inner.withPermits(1)(inner)
      }).pipe(Effect.ensuring(Effect.sync(() => void outer.open--)))
    })

  return {
    dialect: "memory",
    features,
    run: run as Interpreter["run"],
    stream: ((query: { readonly node: Node.QueryNode }, parameters?: unknown) =>
      query.node._tag === "select"
        ? Stream.rechunk(
            Stream.fromIterableEffect(run(query, parameters) as Effect.Effect<ReadonlyArray<unknown>>),
            256
          )
        : Stream.fail(new QueryInvalid({ problem: "only a select can be streamed" }))) as Interpreter["stream"],
    check: ({ node }) => attempt(() => verified(node)),
    transaction,
    afterCommit: (effect) =>
      Effect.withFiber((fiber) => {
        const level = Context.getOrUndefined(fiber.context, key)
        if (level === undefined) return effect
        const context = Context.omit(key)(fiber.context) as never
        return Effect.sync(() => void level.hooks.push(Effect.provideContext(effect, context)))
      }),
    session: (context) => Context.getOrUndefined(context, key) ?? turn,
    ping: Effect.void
  }
}

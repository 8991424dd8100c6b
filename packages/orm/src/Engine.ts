/**
 * Interprets queries on a SQL database: compiles each once, keeps transactions with the fiber, and leaves text and
 * connections to the dialect and the driver.
 */
import type { Interpreter, Run } from "@mortise/core/orm/Orm"
import { type OrmError, QueryInvalid, type ReadError } from "@mortise/core/orm/OrmError"
import type { Query, QueryNode } from "@mortise/core/orm/Query"
import * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Connection, Driver, Statement, StoredRow } from "./Driver.ts"
import { Codecs } from "./internal/codecs.ts"
import { type AnyFiber, type Compiled, compile, type Parameters } from "./internal/compile.ts"
import { Coders, mayGenerate } from "./internal/generate.ts"
import type { Level } from "./internal/Level.ts"
import { attempt, thrown } from "./internal/outcome.ts"
import { transactions } from "./internal/transactions.ts"
import { register } from "./migrations/internal/database.ts"

export interface Options {
  /** Generated code for rows and parameters; by default wherever code may be generated. */
  readonly generateCode?: boolean
}

/** Texts of queries that are built for one run; the oldest goes first. */
const maxStatements = 500

/** The same text is the same statement, so that the database prepares it once. */
const statementsOf = () => {
  const known = new Map<string, Statement>()
  return (statement: Statement): Statement => {
    const key = `${statement.wide ? "w" : ""}${statement.returns ? "r" : ""}${statement.silent === true ? "s" : ""}${statement.model?.name ?? ""}\n${statement.sql}`
    const found = known.get(key)
    if (found !== undefined && found.model === statement.model) return found
    if (known.size >= maxStatements) {
      const [oldest] = known.keys()
      if (oldest !== undefined) known.delete(oldest)
    }
    known.set(key, statement)
    return statement
  }
}

type AnyQuery = Query<never, unknown>
const noParameters = {}

let engines = 0

interface Built {
  readonly orm: Interpreter
  /** Runs a statement in the transaction of the fiber, as it is written. */
  readonly command: (sql: string) => Effect.Effect<void, OrmError>
}

const build = (driver: Driver, options: Options): Built => {
  const { dialect } = driver
  const codecs = new Codecs(dialect)
  const coders = new Coders(options.generateCode ?? mayGenerate())
  const compiler = { codecs, coders, statement: statementsOf() }
  const compiled = new WeakMap<QueryNode, Compiled>()
  // one key for each engine: two databases have transactions of their own
  const key = Context.Service<Level>(`@mortise/orm/Transaction/${engines++}`)
  const { afterCommit, transaction } = transactions(driver, key)

  // loops run one query again and again
  let lastNode: QueryNode | undefined
  let lastCompiled: Compiled | undefined

  const compiledOf = (node: QueryNode): Compiled => {
    if (node === lastNode && lastCompiled !== undefined) return lastCompiled
    const known = compiled.get(node)
    const found = known ?? compile(compiler, node)
    if (known === undefined) compiled.set(node, found)
    lastNode = node
    lastCompiled = found
    return found
  }

  let lastContext: Context.Context<never> | undefined
  let lastLevel: Level | undefined
  const levelOf = (context: Context.Context<never>): Level | undefined => {
    if (context !== lastContext) {
      lastContext = context
      lastLevel = Context.getOrUndefined(context, key)
    }
    return lastLevel
  }

  // the path that everything takes: no detour by a closure or an Effect that is not needed
  const at = (query: AnyQuery, parameters: unknown, fiber: AnyFiber): Effect.Effect<unknown, OrmError> => {
    try {
      const one = compiledOf(query.node)
      const given = (parameters ?? noParameters) as Parameters
      const level = levelOf(fiber.context)
      if (level?.isFree === true && !one.several) return level.checked(one.execute(level.connection, given, fiber))
      return waiting(one, given, level, fiber)
    } catch (error) {
      return thrown(error)
    }
  }

  /** Outside of transactions, or where a savepoint is open. */
  const waiting = (one: Compiled, given: Parameters, level: Level | undefined, fiber: AnyFiber) => {
    if (one.several) return transaction(together(one, given))
    const use = (connection: Connection) => attempt(() => one.execute(connection, given, fiber))
    if (level !== undefined) return level.use(use)
    return one.writes ? driver.write(use) : driver.read(use)
  }

  const run = (query: AnyQuery, parameters?: unknown): Effect.Effect<unknown, OrmError> =>
    Effect.withFiber((fiber) => at(query, parameters, fiber))

  /** Several statements, in the transaction that was begun for them. */
  const together = (one: Compiled, parameters: Parameters): Effect.Effect<unknown, OrmError> =>
    Effect.withFiber((fiber) =>
      Context.getUnsafe(fiber.context, key).use((connection) =>
        attempt(() => one.execute(connection, parameters, fiber))
      )
    )

  const stream = (query: AnyQuery, parameters?: unknown): Stream.Stream<unknown, ReadError> =>
    Stream.unwrap(
      Effect.withFiber((fiber) =>
        attempt((): Effect.Effect<Stream.Stream<unknown, ReadError>, ReadError> => {
          const { stream } = compiledOf(query.node)
          if (stream === undefined) return Effect.fail(new QueryInvalid({ problem: "only a select can be streamed" }))
          const { decode, encode, statement } = stream
          const values = encode((parameters ?? {}) as Parameters)
          const level = Context.getOrUndefined(fiber.context, key)
          const rows =
            level === undefined
              ? driver.stream(statement, values)
              : Stream.unwrap(level.use((connection) => Effect.succeed(connection.stream(statement, values))))
          const decoded = (chunk: Arr.NonEmptyReadonlyArray<StoredRow>) =>
            attempt(() => Effect.succeed(Arr.map(chunk, decode)))
          return Effect.succeed(Stream.mapArrayEffect(rows, decoded))
        })
      )
    )

  const orm: Interpreter = {
    dialect: dialect.name,
    features: dialect.features,
    run: Object.assign(run, { at }) as Run,
    stream: stream as Interpreter["stream"],
    check: (query) => attempt(() => (compiledOf(query.node), Effect.void)) as ReturnType<Interpreter["check"]>,
    transaction,
    afterCommit,
    session: (context) => Context.getOrUndefined(context, key) ?? driver,
    ping: Effect.suspend(() => driver.read((connection) => connection.command("select 1"))) as Interpreter["ping"]
  }
  const command = (sql: string): Effect.Effect<void, OrmError> =>
    Effect.withFiber(({ context }) => Context.getUnsafe(context, key).use((connection) => connection.command(sql)))
  return { orm, command }
}

export const make = (driver: Driver, options: Options = {}): Interpreter => {
  const { orm } = build(driver, options)
  const migrating: Driver = {
    dialect: driver.dialect,
    read: (use) => driver.read(use),
    write: (use) => driver.write(use),
    stream: (statement, values) => driver.stream(statement, values),
    begin: (restore) => driver.beginMigrating(restore),
    beginMigrating: (restore) => driver.beginMigrating(restore)
  }
  register(orm, () => build(migrating, options))
  return orm
}

import { mkdir, writeFile } from "node:fs/promises"
import path from "node:path"
import { parseArgs } from "node:util"
import type { Described, Invocation } from "@mortise/core/app/Command"
import type { Composition } from "@mortise/core/app/Composition"
import * as Plugin from "@mortise/core/app/Plugin"
import { type Namespace, Namespaces } from "@mortise/core/orm/Migration"
import { type Interpreter, Orm } from "@mortise/core/orm/Orm"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Override } from "../migrations/internal/atStart.ts"
import { MigrationInvalid } from "../migrations/MigrationError.ts"
import * as Migrations from "../migrations/Migrations.ts"

export const helpText = `db <command>

  status                      what is applied, what is not, what differs
  sql                         the SQL that up would run
  up                          applies what is not applied
    --allow-destructive       goes through with what destroys
    --out-of-order            applies what comes before migrations that are applied
  down [count]                undoes the last migrations of a namespace, one unless told
    --allow-destructive       goes through with what destroys
  generate [name ...]         writes what the models say and the migrations do not
    --fill table.column=json  a value for rows that are there in a column that may not be null
    --dry-run                 prints it instead

  --namespace <name>          of down and generate; app unless given`

const options = {
  "allow-destructive": { type: "boolean", default: false },
  "out-of-order": { type: "boolean", default: false },
  "dry-run": { type: "boolean", default: false },
  namespace: { type: "string", default: "app" },
  fill: { type: "string", multiple: true, default: [] as Array<string> },
  help: { type: "boolean", default: false }
} as const

class Usage extends Error {}

const parse = (args: ReadonlyArray<string>) => {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw new Usage(error instanceof Error ? error.message : String(error))
  }
}

type Parsed = ReturnType<typeof parse>

/** A database of the app, and what is in it. */
interface Database {
  readonly plugin: string
  readonly namespaces: ReadonlyArray<Namespace>
  /** Opened without anything else of the app, and without migrations at its start. */
  readonly open: Effect.Effect<Interpreter, unknown, Scope.Scope>
}

/** A plugin with all that it needs, in the order of the app. */
const closure = ({ edges, plugins }: Described, name: string): ReadonlyArray<Plugin.Any> => {
  const needed = new Set([name])
  // an edge leads from who gives to who needs; sets grow while they are walked
  for (const one of needed) for (const { from, to } of edges) if (to === one) needed.add(from)
  return plugins.filter((plugin) => needed.has(plugin.name))
}

const openOf = (app: Described, plugin: Plugin.Any, key: Context.Key<unknown, Interpreter>, config: unknown) => {
  const plugins = closure(app, plugin.name)
  const sections = Object.entries(typeof config === "object" && config !== null ? config : {}).filter(([name]) =>
    plugins.some((one) => one.name === name)
  )
  // a part of a composition that was proved when it was written
  const compose = Plugin.compose as unknown as (
    ...list: ReadonlyArray<Plugin.Any>
  ) => Composition<never, unknown, unknown>
  return compose(...plugins)
    .build(Object.fromEntries(sections))
    .pipe(
      Effect.provideService(Override, "off"),
      Effect.map(({ context }) => Context.getUnsafe(context as Context.Context<unknown>, key))
    )
}

const databasesOf = ({ app, config }: Invocation): ReadonlyArray<Database> => {
  const all = app.statics(Namespaces).map(({ value }) => value)
  const keys = [...new Map(all.map(({ database = Orm }) => [database.key, database])).values()]
  return keys.flatMap((key) => {
    const plugin = app.plugins.find(({ provides }) => provides.some((given) => given.key === key.key))
    if (plugin === undefined) return []
    const namespaces = all.filter(({ database = Orm }) => database.key === key.key)
    return [{ plugin: plugin.name, namespaces, open: openOf(app, plugin, key, config) }]
  })
}

const inDatabase = <A, E>({ open }: Database, effect: Effect.Effect<A, E, Orm>): Effect.Effect<A, unknown> =>
  Effect.scoped(Effect.flatMap(open, (orm) => Effect.provideService(effect, Orm, orm)))

const several = (invocation: Invocation, use: (database: Database) => Effect.Effect<void, unknown>) =>
  Effect.forEach(databasesOf(invocation), use, { discard: true })

const withNamespace = (invocation: Invocation, name: string): Effect.Effect<Database, MigrationInvalid> => {
  const found = databasesOf(invocation).find(({ namespaces }) => namespaces.some(({ namespace }) => namespace === name))
  return found === undefined
    ? Effect.fail(
        new MigrationInvalid({ namespace: name, migration: "", problem: "no plugin of this app contributes it" })
      )
    : Effect.succeed(found)
}

const list = (print: Invocation["print"], word: string, done: ReadonlyArray<Migrations.Done>) =>
  done.length === 0
    ? print("Nothing to do.")
    : Effect.forEach(done, ({ migration, namespace }) => print(`${word} ${namespace}/${migration}`), { discard: true })

const status = (invocation: Invocation) =>
  several(invocation, (database) =>
    Effect.gen(function* () {
      const { print } = invocation
      for (const { migrations, namespace, ungenerated } of yield* inDatabase(
        database,
        Migrations.status(database.namespaces)
      )) {
        yield* print(`${namespace} in ${database.plugin}`)
        for (const { appliedAt, id, state } of migrations) {
          yield* print(`  ${state.padEnd(12)} ${id}${appliedAt === undefined ? "" : `  ${appliedAt.toISOString()}`}`)
        }
        if (ungenerated > 0) yield* print(`  ${ungenerated} changes of the models are in no migration: run generate`)
      }
    })
  )

const fillsOf = (given: ReadonlyArray<string>): Migrations.Fills =>
  Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf("=")
      if (at < 0) throw new Usage(`--fill ${one}: expected table.column=value`)
      const text = one.slice(at + 1)
      try {
        return [one.slice(0, at), JSON.parse(text) as unknown]
      } catch {
        return [one.slice(0, at), text]
      }
    })
  )

const writeAll = (folder: string, files: Readonly<Record<string, string>>): Effect.Effect<void, Error> =>
  Effect.tryPromise({
    try: async () => {
      await mkdir(folder, { recursive: true })
      for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text)
    },
    catch: (cause) => (cause instanceof Error ? cause : new Error(String(cause)))
  })

const generate = (invocation: Invocation, words: ReadonlyArray<string>, { values }: Parsed) =>
  Effect.gen(function* () {
    const { folder, print } = invocation
    const { namespaces } = yield* withNamespace(invocation, values.namespace)
    const made = yield* Migrations.generate(namespaces, values.namespace, {
      ...(words.length === 0 ? {} : { name: words.join(" ") }),
      fill: fillsOf(values.fill)
    })
    if (made === undefined) return yield* print("Nothing to do: the migrations say all that the models say.")
    if (values["dry-run"]) return yield* print(made.source)
    const target = path.join(folder, "migrations")
    const file = `${made.migration.id}.ts`
    yield* writeAll(target, { [file]: made.source, "index.ts": made.index })
    yield* print(`Wrote ${path.join("migrations", file)}`)
    for (const note of made.notes) yield* print(`  ${note}`)
  })

const commands: {
  readonly [name: string]: (
    invocation: Invocation,
    words: ReadonlyArray<string>,
    parsed: Parsed
  ) => Effect.Effect<void, unknown>
} = {
  status,
  sql: (invocation) =>
    several(invocation, (database) =>
      Effect.flatMap(inDatabase(database, Migrations.sql(database.namespaces)), invocation.print)
    ),
  up: (invocation, _, { values }) =>
    several(invocation, (database) => {
      const allowed = { allowDestructive: values["allow-destructive"], outOfOrder: values["out-of-order"] }
      return Effect.flatMap(inDatabase(database, Migrations.up(database.namespaces, allowed)), (done) =>
        list(invocation.print, "Applied", done)
      )
    }),
  down: (invocation, [count = "1"], { values }) =>
    Effect.gen(function* () {
      const steps = Number(count)
      if (!Number.isInteger(steps) || steps < 1)
        return yield* Effect.fail(new Usage(`down ${count}: expected a number`))
      const database = yield* withNamespace(invocation, values.namespace)
      const allowed = { steps, allowDestructive: values["allow-destructive"] }
      const done = yield* inDatabase(database, Migrations.down(database.namespaces, values.namespace, allowed))
      yield* list(invocation.print, "Undid", done)
    }),
  generate
}

/** Runs `db` with its arguments; gives the exit code, 2 for words that it does not know. */
export const runDb = (invocation: Invocation): Effect.Effect<number, unknown> =>
  Effect.suspend(() => {
    const parsed = parse(invocation.args)
    const [name = "", ...words] = parsed.positionals
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (command === undefined || parsed.values.help) {
      return Effect.as(invocation.print(helpText), parsed.values.help ? 0 : 2)
    }
    return Effect.as(command(invocation, words, parsed), 0)
  }).pipe(
    Effect.catchDefect((defect) => (defect instanceof Usage ? Effect.fail(defect) : Effect.die(defect))),
    Effect.catchIf(
      (error) => error instanceof Usage,
      (error) => Effect.as(invocation.print(`${(error as Usage).message}\n\n${helpText}`), 2)
    )
  )

import { Installed, type Statics } from "@mortise/core/app/Installed"
import type { AnyKey } from "@mortise/core/app/Plugin"
import { type Namespace, Namespaces } from "@mortise/core/orm/Migration"
import { type Interpreter, Orm } from "@mortise/core/orm/Orm"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { MigrationsPending } from "../MigrationError.ts"
import * as Migrations from "../Migrations.ts"

/** What the plugin of a database does about migrations when the app starts. */
export const Mode = Schema.Literals(["auto", "check", "off"])
export type Mode = typeof Mode.Type

/** Set by tools, which start a database in order to migrate it. */
export const Override = Context.Reference<Mode | undefined>("@mortise/orm/migrations/Override", {
  defaultValue: () => undefined
})

/** The namespaces whose tables are in the database that stands under one of these keys. */
export const namespacesOf = (statics: Statics, provides: ReadonlyArray<AnyKey>): ReadonlyArray<Namespace> =>
  statics(Namespaces)
    .map(({ value }) => value)
    .filter(({ database = Orm }) => provides.some(({ key }) => key === database.key))

/** Before anything else uses the database: makes it what the plugins of the app want, or sees whether it is. */
export const atStart = (
  orm: Interpreter,
  configured: Mode
): Effect.Effect<void, Migrations.RunError | MigrationsPending> =>
  Effect.gen(function* () {
    const mode = (yield* Override) ?? configured
    const { provides, statics } = yield* Installed
    const namespaces = namespacesOf(statics, provides)
    if (mode === "off" || namespaces.length === 0) return
    if (mode === "check") return yield* Migrations.check(namespaces)
    for (const { migration, namespace } of yield* Migrations.up(namespaces)) {
      yield* Effect.logInfo(`Applied the migration ${namespace}/${migration}`)
    }
  }).pipe(Effect.provideService(Orm, orm))

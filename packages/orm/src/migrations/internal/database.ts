/** What migrations ask of a database: its Orm, in whose transactions nobody else migrates, and statements as they are. */
import type { Interpreter } from "@mortise/core/orm/Orm"
import type { OrmError } from "@mortise/core/orm/OrmError"
import * as Effect from "effect/Effect"
import { NotMigratable } from "../MigrationError.ts"

export interface MigrationDatabase {
  /** Its outermost transactions hold the lock of migrations, and foreign keys do not act while tables are made anew. */
  readonly orm: Interpreter
  /** Runs one statement in the transaction of the fiber, as it is written. */
  readonly command: (sql: string) => Effect.Effect<void, OrmError>
}

const databases = new WeakMap<Interpreter, () => MigrationDatabase>()

/** Said by the engine of each Orm that it makes. */
export const register = (orm: Interpreter, database: () => MigrationDatabase): void => void databases.set(orm, database)

export const databaseOf = (orm: Interpreter): Effect.Effect<MigrationDatabase, NotMigratable> =>
  Effect.suspend(() => {
    const make = databases.get(orm)
    return make === undefined ? Effect.fail(new NotMigratable({ dialect: orm.dialect })) : Effect.succeed(make())
  })

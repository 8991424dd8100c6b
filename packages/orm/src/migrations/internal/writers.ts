import * as Effect from "effect/Effect"
import { NotMigratable } from "../MigrationError.ts"
import type { MigrationDatabase } from "./database.ts"
import { postgresWriter } from "./postgresWriter.ts"
import { sqliteWriter } from "./sqliteWriter.ts"
import type { Writer } from "./step.ts"

const writers: ReadonlyArray<Writer> = [sqliteWriter, postgresWriter]

/** Who writes for the dialect of a database. */
export const writerOf = ({
  orm: { dialect }
}: Pick<MigrationDatabase, "orm">): Effect.Effect<Writer, NotMigratable> => {
  const found = writers.find((writer) => writer.dialect === dialect)
  return found === undefined ? Effect.fail(new NotMigratable({ dialect })) : Effect.succeed(found)
}

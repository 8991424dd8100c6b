/** What can go wrong with migrations. Messages say what to do; nothing is skipped without one of them. */

import * as Errors from "@mortise/core/app/Errors"
import * as Schema from "effect/Schema"

/** Operations or namespaces that make no sense. */
export class MigrationInvalid extends Errors.make<MigrationInvalid>()(
  "MigrationInvalid",
  { component: "orm", code: "ORM_MIGRATION_INVALID", status: 500 },
  {
    namespace: Schema.String,
    /** Empty where it is about no single one. */
    migration: Schema.String,
    problem: Schema.String
  }
) {
  override get message(): string {
    const where = this.migration === "" ? `Namespace "${this.namespace}"` : `${this.namespace}/${this.migration}`
    return `${where}: ${this.problem}.`
  }
}

/** What has been applied is not what the code says was applied. */
export class HistoryDiffers extends Errors.make<HistoryDiffers>()(
  "HistoryDiffers",
  { component: "orm", code: "ORM_MIGRATION_HISTORY_DIFFERS", status: 500 },
  {
    differences: Schema.Array(
      Schema.Struct({
        namespace: Schema.String,
        migration: Schema.String,
        /** `changed` after it was applied, `missing` in the code, `out of order`: not applied, while a later one is. */
        kind: Schema.Literals(["changed", "missing", "out of order"])
      })
    )
  }
) {
  override get message(): string {
    const lines = this.differences.map(({ kind, migration, namespace }) => {
      const name = `${namespace}/${migration}`
      if (kind === "changed") return `  ${name} was changed after it was applied: put it back, and write a new one`
      if (kind === "missing") return `  ${name} is applied, but this code does not have it: it may be of another branch`
      return `  ${name} is not applied, but later ones are: rename it to come last, or run with outOfOrder`
    })
    return `The database has another history than this code:\n${lines.join("\n")}\nNothing was done.`
  }
}

/** Something would be lost, and nobody said that it may be. */
export class DestructiveRefused extends Errors.make<DestructiveRefused>()(
  "DestructiveRefused",
  { component: "orm", code: "ORM_MIGRATION_DESTRUCTIVE", status: 500 },
  {
    losses: Schema.Array(
      Schema.Struct({
        namespace: Schema.String,
        migration: Schema.String,
        /** `table`, `table.column`, or the words of a `destroys`. */
        what: Schema.String,
        /** How many rows hold something there; undefined where that cannot be told. */
        rows: Schema.UndefinedOr(Schema.Number)
      })
    ),
    direction: Schema.Literals(["up", "down"])
  }
) {
  override get message(): string {
    const lines = this.losses.map(({ migration, namespace, rows, what }) => {
      const count = rows === undefined ? "" : `, ${rows} ${rows === 1 ? "row" : "rows"}`
      return `  ${namespace}/${migration}: ${what}${count}`
    })
    const how =
      this.direction === "up"
        ? `If that is meant, add destroys: ${JSON.stringify([...new Set(this.losses.map(({ what }) => what))])} to the migration`
        : "If that is meant, allow what is destructive"
    return `This would be lost:\n${lines.join("\n")}\nNothing was done. ${how}.`
  }
}

/** There is no way back over a step. */
export class Irreversible extends Errors.make<Irreversible>()(
  "Irreversible",
  { component: "orm", code: "ORM_MIGRATION_IRREVERSIBLE", status: 500 },
  {
    namespace: Schema.String,
    migration: Schema.String,
    /** The step, and what is gone. */
    step: Schema.String
  }
) {
  override get message(): string {
    return `${this.namespace}/${this.migration} cannot be undone: ${this.step}. Restore a backup, or write a new migration.`
  }
}

/** A migration did not go through. All that it did is undone; those before it stand. */
export class MigrationFailed extends Errors.make<MigrationFailed>()(
  "MigrationFailed",
  { component: "orm", code: "ORM_MIGRATION_FAILED", status: 500 },
  {
    namespace: Schema.String,
    migration: Schema.String,
    reason: Schema.String
  }
) {
  override get message(): string {
    return `${this.namespace}/${this.migration} failed and is undone: ${this.reason}`
  }
}

/** The app does not start, because its tables are not what its models say. */
export class MigrationsPending extends Errors.make<MigrationsPending>()(
  "MigrationsPending",
  { component: "orm", code: "ORM_MIGRATIONS_PENDING", status: 500 },
  {
    pending: Schema.Array(Schema.String)
  }
) {
  override get message(): string {
    return `The database lacks ${this.pending.join(", ")}. Run the migrations, or set migrate to "auto".`
  }
}

/** The service is no database that migrations can be run on. */
export class NotMigratable extends Errors.make<NotMigratable>()(
  "NotMigratable",
  { component: "orm", code: "ORM_NOT_MIGRATABLE", status: 500 },
  { dialect: Schema.String }
) {
  override get message(): string {
    return `This Orm service (${this.dialect}) is not one of @mortise/orm, so its migrations are not run here.`
  }
}

/** What running migrations can fail with, beside the errors of the database. */
export type MigrationError =
  | MigrationInvalid
  | HistoryDiffers
  | DestructiveRefused
  | Irreversible
  | MigrationFailed
  | MigrationsPending
  | NotMigratable

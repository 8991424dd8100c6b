/** The table that tasks lie in. */
import * as Column from "@mortise/core/orm/Column"
import * as Model from "@mortise/core/orm/Model"

/**
 * One task. Two indexes carry the store: by the first a claim finds the next ready task of a name without meeting another
 * row, by the second a sweep finds what is due. Both stay as fast with a million rows as with ten.
 */
export const TaskTable = Model.make(
  "mortise_tasks",
  {
    id: Column.Text({ max: 64 }).primaryKey(),
    name: Column.Text({ max: 128 }),
    state: Column.Enum("scheduled", "ready", "running", "succeeded", "cancelled", "dead"),
    /** The priority, negated: the next one has the smallest. */
    rank: Column.Integer(),
    /** Set where a task has an idempotency key. */
    key: Column.Text({ max: 1024 }).named("unique_key").nullable().unique(),
    payload: Column.Text(),
    attempts: Column.Integer(),
    fence: Column.Integer(),
    /** Milliseconds since 1970, as all moments here. */
    enqueuedAt: Column.Integer(),
    wakeAt: Column.Integer().nullable(),
    finishedAt: Column.Integer().nullable(),
    progress: Column.Text().nullable(),
    outcome: Column.Text().nullable()
  },
  {
    indexes: [
      ["state", "name", "rank", "id"],
      ["state", "wakeAt"]
    ]
  }
)

import * as Migration from "@mortise/core/orm/Migration"

export default Migration.make({
  id: "0001_tasks",
  operations: [
    {
      op: "createTable",
      table: {
        name: "mortise_tasks",
        columns: [
          { name: "id", type: { kind: "text", max: 64 } },
          { name: "name", type: { kind: "text", max: 128 } },
          {
            name: "state",
            type: {
              kind: "enum",
              values: ["scheduled", "ready", "running", "succeeded", "cancelled", "dead"]
            }
          },
          { name: "rank", type: { kind: "integer" } },
          { name: "unique_key", type: { kind: "text", max: 1024 }, nullable: true },
          { name: "payload", type: { kind: "text" } },
          { name: "attempts", type: { kind: "integer" } },
          { name: "fence", type: { kind: "integer" } },
          { name: "enqueued_at", type: { kind: "integer" } },
          { name: "wake_at", type: { kind: "integer" }, nullable: true },
          { name: "finished_at", type: { kind: "integer" }, nullable: true },
          { name: "progress", type: { kind: "text" }, nullable: true },
          { name: "outcome", type: { kind: "text" }, nullable: true }
        ],
        primaryKey: ["id"],
        indexes: [
          { name: "mortise_tasks_unique_key_unique", columns: ["unique_key"], unique: true },
          {
            name: "mortise_tasks_state_name_rank_id_index",
            columns: ["state", "name", "rank", "id"],
            unique: false
          },
          {
            name: "mortise_tasks_state_wake_at_index",
            columns: ["state", "wake_at"],
            unique: false
          }
        ]
      }
    }
  ]
})

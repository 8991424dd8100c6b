import * as Migration from "@mortise/core/orm/Migration"

export default Migration.make({
  id: "0001_accounts_and_sessions",
  operations: [
    {
      op: "createTable",
      table: {
        name: "accounts",
        columns: [
          { name: "id", type: { kind: "text", max: 32 } },
          { name: "name", type: { kind: "text", max: 200 } },
          { name: "name_key", type: { kind: "text", max: 200 } },
          { name: "password_hash", type: { kind: "text", max: 255 } },
          { name: "created_at", type: { kind: "dateTime" } }
        ],
        primaryKey: ["id"],
        indexes: [{ name: "accounts_name_key_unique", columns: ["name_key"], unique: true }]
      }
    },
    {
      op: "createTable",
      table: {
        name: "account_sessions",
        columns: [
          { name: "id", type: { kind: "text", max: 32 } },
          { name: "token_hash", type: { kind: "text", max: 64 } },
          { name: "account", type: { kind: "text", max: 255 } },
          { name: "principal", type: { kind: "json" } },
          { name: "created_at", type: { kind: "dateTime" } },
          { name: "last_seen_at", type: { kind: "dateTime" } },
          { name: "expires_at", type: { kind: "dateTime" } },
          { name: "address", type: { kind: "text", max: 255 } },
          { name: "device", type: { kind: "text", max: 255 } }
        ],
        primaryKey: ["id"],
        indexes: [
          { name: "account_sessions_token_hash_unique", columns: ["token_hash"], unique: true },
          { name: "account_sessions_account_index", columns: ["account"], unique: false },
          { name: "account_sessions_last_seen_at_index", columns: ["last_seen_at"], unique: false },
          { name: "account_sessions_expires_at_index", columns: ["expires_at"], unique: false }
        ]
      }
    },
    {
      op: "createTable",
      table: {
        name: "account_tokens",
        columns: [
          { name: "id", type: { kind: "text", max: 32 } },
          { name: "token_hash", type: { kind: "text", max: 64 } },
          { name: "owner", type: { kind: "text", max: 255 } },
          { name: "name", type: { kind: "text", max: 255 } },
          { name: "principal", type: { kind: "json" } },
          { name: "created_at", type: { kind: "dateTime" } },
          { name: "expires_at", type: { kind: "dateTime" }, nullable: true }
        ],
        primaryKey: ["id"],
        indexes: [
          { name: "account_tokens_token_hash_unique", columns: ["token_hash"], unique: true },
          { name: "account_tokens_owner_index", columns: ["owner"], unique: false }
        ]
      }
    }
  ]
})

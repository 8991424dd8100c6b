import * as Column from "@mortise/core/orm/Column"
import * as Model from "@mortise/core/orm/Model"

/** A message as the database keeps it; ids grow with every message. */
export const StoredMessage = Model.make(
  "messages",
  {
    id: Column.Integer().primaryKey(),
    room: Column.Text({ max: 32 }),
    name: Column.Text({ max: 24 }),
    text: Column.Text({ max: 2000 }),
    at: Column.DateTime().index()
  },
  { indexes: [["room", "id"]] }
)

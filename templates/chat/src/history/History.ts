import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { HistoryUnavailable, Message } from "../contract.ts"

/** What was said last in each room. Which plugin keeps it, and where, is chosen in `src/app.ts`. */
export class History extends Context.Service<
  History,
  {
    /** Gives a message its id and its time, and remembers it. */
    readonly add: (said: Pick<Message, "room" | "name" | "text">) => Effect.Effect<Message, HistoryUnavailable>
    /** The room's last messages, the oldest first. */
    readonly of: (room: string) => Effect.Effect<ReadonlyArray<Message>, HistoryUnavailable>
  }
>()("mortise-app/history/History") {}

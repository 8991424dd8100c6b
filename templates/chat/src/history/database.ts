import * as Plugin from "@mortise/core/app/Plugin"
import * as Migration from "@mortise/core/orm/Migration"
import { Orm } from "@mortise/core/orm/Orm"
import type { OrmError } from "@mortise/core/orm/OrmError"
import * as Repository from "@mortise/core/orm/Repository"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { HistoryUnavailable } from "../contract.ts"
import { History } from "./History.ts"
import { StoredMessage } from "./StoredMessage.ts"

const Messages = Repository.make(StoredMessage)

/** Clients are told that it did not work, the log is told why. */
const unavailable = <A, R>(effect: Effect.Effect<A, OrmError, R>): Effect.Effect<A, HistoryUnavailable, R> =>
  Effect.catch(effect, (error) =>
    Effect.andThen(Effect.logError("the history is not available", error), Effect.fail(new HistoryUnavailable()))
  )

const make = (messagesPerRoom: number) =>
  Effect.map(Orm, (orm) => {
    const messages = Messages.over(orm)
    return History.of({
      add: (said) =>
        Effect.flatMap(Clock.currentTimeMillis, (millis) =>
          unavailable(messages.insert({ ...said, at: new Date(millis) }))
        ),
      of: (room) =>
        Effect.map(
          unavailable(messages.find({ where: { room }, orderBy: [{ desc: "id" }], limit: messagesPerRoom })),
          (rows) => rows.toReversed()
        )
    })
  })

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

/** Remembers in the app's database: what was said is still there after a restart. */
export const history = Plugin.define({
  name: "history",
  config: Schema.Struct({ messagesPerRoom: Count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(50))) }),
  provides: [History],
  requires: [Orm],
  layer: ({ config }) => Layer.effect(History, make(config.messagesPerRoom)),
  contributes: [Migration.contribute({ namespace: "history", models: [StoredMessage] })]
})

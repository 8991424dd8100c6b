/** One relation of one row at a time, for which all fibers that ask in the same turn share a query. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Request from "effect/Request"
import * as RequestResolver from "effect/RequestResolver"
import type { Any as AnyModel } from "../../Model.ts"
import type { Interpreter } from "../../Orm.ts"
import { QueryInvalid, type ReadError } from "../../OrmError.ts"
import type { Load } from "../../Relation.ts"
import { type Row, related } from "./related.ts"

class Ask extends Request.Class<{ readonly key: unknown }, unknown, ReadError> {}

type Resolver = RequestResolver.RequestResolver<Ask>

/** By session, then by what is loaded: only what sees the same data shares a query. Both may go whenever they are unused. */
const resolvers = new WeakMap<object, WeakMap<Load<string, unknown>, Resolver>>()

const resolverOf = (interpreter: Interpreter, session: object, load: Load<string, unknown>): Resolver => {
  let ofSession = resolvers.get(session)
  if (ofSession === undefined) resolvers.set(session, (ofSession = new WeakMap()))
  let resolver = ofSession.get(load)
  if (resolver === undefined) {
    resolver = RequestResolver.make((entries) =>
      related(
        interpreter,
        load,
        entries.map(({ request }) => request.key)
      ).pipe(
        // within the transaction of those who asked
        Effect.provideContext(entries[0].context),
        Effect.map((find) => {
          for (const entry of entries) entry.completeUnsafe(Exit.succeed(find(entry.request.key)))
        })
      )
    )
    ofSession.set(load, resolver)
  }
  return resolver
}

export const batched = (
  interpreter: Interpreter,
  model: AnyModel,
  row: Row,
  load: Load<string, unknown>
): Effect.Effect<unknown, ReadError> => {
  if (load.relation.from !== model) {
    return Effect.fail(
      new QueryInvalid({ problem: `the relation is of "${load.relation.from.name}", not of "${model.name}"` })
    )
  }
  return Effect.withFiber((fiber) =>
    Effect.request(
      new Ask({ key: row[load.relation.fromProperty] }),
      resolverOf(interpreter, interpreter.session(fiber.context as never), load)
    )
  )
}

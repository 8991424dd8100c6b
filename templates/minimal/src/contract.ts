import * as Contract from "@mortise/core/transport/Contract"
import * as Schema from "effect/Schema"

/** Who is greeted: what does not fit is refused before a handler sees it. */
export const Name = Schema.String.check(
  Schema.isPattern(/^[\p{L}\p{M}\p{N} .'-]{1,40}$/u, { expected: "a name of 1 to 40 letters" })
)

/** The server has nothing to say to this name. */
export class NotOnTheList extends Schema.TaggedError<NotOnTheList>()("NotOnTheList", { name: Name }) {}

/** What may be said. Server, clients and tests follow from this one value. */
export const Greeter = Contract.make("greeter", {
  requests: {
    hello: { payload: { name: Name }, success: Schema.String, error: NotOnTheList }
  }
})

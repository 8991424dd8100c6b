/** A group of people whose deliveries arrive at once, through sessions that are taken for granted. */
import * as Effect from "effect/Effect"
import { type Changed, type Delivery, type Group, GroupCrypto } from "../../crypto/GroupCrypto.ts"
import { bytes, same, text } from "./Check.ts"

export class Members {
  /** Everybody's own view, by name. */
  readonly views = new Map<string, Group>()

  readonly view = (name: string): Group => {
    const group = this.views.get(name)
    if (group === undefined) throw new Error(`${name} is not in the group`)
    return group
  }

  /** Keeps what `name` has now, and brings everybody what follows from it. */
  readonly settle = (name: string, { deliveries, group }: Changed): Effect.Effect<void, unknown, GroupCrypto> => {
    this.views.set(name, group)
    return this.bring(name, deliveries)
  }

  /** Brings `deliveries`, and what these lead to, in the order in which they were made. */
  readonly bring = (from: string, deliveries: ReadonlyArray<Delivery>): Effect.Effect<void, unknown, GroupCrypto> =>
    Effect.gen({ self: this }, function* () {
      const groups = yield* GroupCrypto
      const under = deliveries.map((delivery) => ({ ...delivery, from }))
      for (let next = under.shift(); next !== undefined; next = under.shift()) {
        for (const name of next.to) {
          const known = this.views.get(name)
          const changed =
            known === undefined
              ? yield* groups.join(name, next.from, next.payload)
              : yield* groups.receive(known, next.from, next.payload)
          this.views.set(name, changed.group)
          under.push(...changed.deliveries.map((delivery) => ({ ...delivery, from: name })))
        }
      }
    })

  readonly write = (name: string, content: string) =>
    Effect.gen({ self: this }, function* () {
      const sent = yield* (yield* GroupCrypto).encrypt(this.view(name), bytes(content))
      yield* this.settle(name, sent)
      return sent.message
    })

  readonly open = (name: string, message: Uint8Array) =>
    Effect.gen({ self: this }, function* () {
      const received = yield* (yield* GroupCrypto).decrypt(this.view(name), message)
      this.views.set(name, received.group)
      return received
    })

  /** `name` opens `message`, which has to be `expected` from `sender`. */
  readonly read = (name: string, message: Uint8Array, sender: string, expected: string) =>
    Effect.map(this.open(name, message), (received) => {
      same(text(received.plaintext), expected, "the plaintext")
      same(received.sender, sender, "the sender")
    })
}

/** A group of everybody in `names`, made by the first of them. */
export const membersOf = Effect.fnUntraced(function* (id: string, ...names: ReadonlyArray<string>) {
  const [first, ...others] = names as [string, ...Array<string>]
  const groups = yield* GroupCrypto
  const members = new Members()
  members.views.set(first, yield* groups.create(id, first))
  for (const name of others) yield* members.settle(first, yield* groups.add(members.view(first), [name]))
  return members
})

import * as Contribution from "@mortise/core/app/Contribution"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Contract from "@mortise/core/transport/Contract"
import { contract } from "@mortise/core/transport/GatewayPlugin"
import { Rooms } from "@mortise/core/transport/Rooms"
import * as Effect from "effect/Effect"
import { keyOf, Members } from "../chat/Members.ts"
import { type Follower, Followers } from "../chat/points.ts"
import { NotHere, Sealed } from "./contract.ts"
import * as Directory from "./Directory.ts"

const ask = ({ connection, name }: { readonly connection: string; readonly name: string }) =>
  Effect.flatMap(Rooms, (rooms) => rooms.send(connection, Sealed.events.wanted, { name }))

/** Who has a name, for somebody who has one. */
const ownerOf = Effect.fnUntraced(function* (name: string, asking: string) {
  const members = yield* Members
  yield* members.get(asking)
  return (yield* members.named(name)) ?? (yield* new NotHere({ name }))
})

const SealedLive = Contract.implement(Sealed, {
  publish: Effect.fnUntraced(function* (published, { connection }) {
    const { name } = yield* (yield* Members).get(connection.id)
    // keys of a name that was given up meanwhile; those of the new one are asked for
    if (keyOf(name) !== keyOf(published.name)) return
    yield* (yield* Directory.Directory).publish(name, published)
  }),
  bundle: Effect.fnUntraced(function* ({ name }, { connection }) {
    const owner = yield* ownerOf(name, connection.id)
    const { bundle, wantsMore } = yield* (yield* Directory.Directory).take(name)
    if (wantsMore) yield* ask(owner)
    return bundle
  }),
  identity: Effect.fnUntraced(function* ({ name }, { connection }) {
    yield* ownerOf(name, connection.id)
    return (yield* (yield* Directory.Directory).peek(name)).identity
  })
})

/** Asks for keys when a name is taken, and forgets them when it is given back. */
const follower = Effect.map(Effect.context<Directory.Directory | Members | Rooms>(), (context): Follower => {
  const run = <A>(effect: Effect.Effect<A, never, Directory.Directory | Members | Rooms>) =>
    Effect.asVoid(Effect.provideContext(effect, context))
  return {
    joined: (member) =>
      run(Effect.flatMap(Directory.Directory, ({ peek }) => Effect.catch(peek(member.name), () => ask(member)))),
    left: (member) =>
      run(
        Effect.gen(function* () {
          const holder = yield* (yield* Members).named(member.name)
          // whoever goes to another room keeps the name
          if (holder?.connection !== member.connection) yield* (yield* Directory.Directory).forget(member.name)
        })
      )
  }
})

/** Tells clients the public keys of each other. Sessions and texts are theirs alone. */
export const sealed = Plugin.define({
  name: "sealed",
  provides: [Directory.Directory],
  requires: [Members, Rooms],
  layer: () => Directory.layer,
  contributes: [contract(SealedLive), Contribution.contribute(Followers, follower)]
})

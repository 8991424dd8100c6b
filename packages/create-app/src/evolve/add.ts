import * as Effect from "effect/Effect"
import type { KnownPlugin } from "../plugin/KnownPlugin.ts"
import { openApp } from "./App.ts"
import { byHand } from "./byHand.ts"
import { catalogueOf, choose } from "./choose.ts"
import { complete } from "./complete.ts"
import { presentOf } from "./present.ts"
import { type Checking, type Proposal, planOver, propose, verdictOn } from "./propose.ts"
import { firstNeed, firstTaken } from "./services.ts"
import { isIn, type Wish } from "./Wish.ts"

/** What the command line said. */
export interface EvolveInput {
  readonly names: ReadonlyArray<string>
  /** Plugins named for what they provide to the others. */
  readonly with: ReadonlyArray<string>
  readonly parts: boolean
  readonly check: boolean
  readonly install: boolean
  readonly yes: boolean
  readonly dryRun: boolean
  readonly cwd: string
  readonly canAsk: boolean
  readonly userAgent: string | undefined
}

/** What is to be added, and what came along. */
export interface Addition {
  readonly proposal: Proposal | undefined
  /** Came because another needs it. */
  readonly also: ReadonlyArray<KnownPlugin>
  /** Is in the app already. */
  readonly already: ReadonlyArray<KnownPlugin>
}

/** What can be added to the app. */
export const listing = Effect.fnUntraced(function* (input: EvolveInput) {
  const app = yield* openApp(input.cwd, input.userAgent)
  const catalogue = yield* catalogueOf(app)
  const present = yield* presentOf(app, catalogue.plugins, "").pipe(
    // the list is of use without a composition root as well
    Effect.catchTag("EditRefused", () => Effect.succeed({ plugins: [], others: true }))
  )
  return { app, catalogue, present }
})

/** Works out what adding plugins does to an app; nothing is written. */
export const proposeAdd = Effect.fnUntraced(function* (input: EvolveInput) {
  const app = yield* openApp(input.cwd, input.userAgent)
  const named = yield* choose(app, yield* catalogueOf(app), input.names)
  const providers = yield* choose(app, named.catalogue, input.with)
  const { catalogue } = providers
  const needed = providers.chosen.filter((plugin) => !isIn(named.chosen, plugin))
  const chosen = [...named.chosen, ...needed]
  const present = yield* presentOf(app, catalogue.plugins, byHand(chosen))
  const already = chosen.filter((plugin) => isIn(present.plugins, plugin))
  const wanted = chosen.filter((plugin) => !isIn(present.plugins, plugin))
  if (wanted.length === 0) return { proposal: undefined, also: [], already } as Addition

  const taken = firstTaken(wanted, present.plugins)
  if (taken !== undefined) return yield* taken
  const checking: Checking = { check: input.check, install: input.install, fetched: catalogue.fetched }
  const wish: Wish = {
    app,
    known: catalogue.plugins,
    add: wanted,
    also: needed,
    remove: [],
    parts: input.parts
  }
  if (present.others && firstNeed(wanted, present.plugins, catalogue.plugins) !== undefined) {
    // a plugin of the app's own may provide what is needed: the compiler knows
    const evolution = yield* planOver(wish)
    if ((yield* verdictOn(wish, evolution, checking)).status === "passed") {
      return { proposal: yield* propose(wish, { ...checking, check: true }), also: [], already } as Addition
    }
  }
  const { all, also } = yield* complete(wanted, {
    known: catalogue.plugins,
    present: present.plugins,
    canAsk: input.canAsk,
    yes: input.yes,
    hint: (providers) =>
      `mortise add ${input.names.join(" ")} --with ${[...input.with, ...providers.map(({ name }) => name)].join(",")}`
  })
  const proposal = yield* propose({ ...wish, add: all, also: [...needed, ...also] }, checking)
  return { proposal, also, already } as Addition
})

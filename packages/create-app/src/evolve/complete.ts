import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import { type KnownPlugin, serviceName } from "../plugin/KnownPlugin.ts"
import { firstNeed, ServiceMissing } from "./services.ts"

/** How the providers of missing services are found. */
export interface Completion {
  readonly known: ReadonlyArray<KnownPlugin>
  readonly present: ReadonlyArray<KnownPlugin>
  /** Whether a question may be asked. */
  readonly canAsk: boolean
  /** Take the first provider of each service without asking. */
  readonly yes: boolean
  /** Where one plugin alone provides a service there is nothing to choose: it is taken, where one could be asked or not. */
  readonly takeOnly?: boolean
  /** The command line that names a provider. */
  readonly hint: (providers: ReadonlyArray<KnownPlugin>) => string
}

/** The first provider of each service that is missing, of what those need in turn as well. */
const firstOfAll = (
  chosen: ReadonlyArray<KnownPlugin>,
  present: ReadonlyArray<KnownPlugin>,
  known: ReadonlyArray<KnownPlugin>
): ReadonlyArray<KnownPlugin> => {
  const taken: Array<KnownPlugin> = []
  for (;;) {
    const first = firstNeed([...chosen, ...taken], present, known)?.providers[0]
    if (first === undefined) return taken
    taken.push(first)
  }
}

/** The chosen plugins, and for each service that they need and nobody provides, a plugin that does. */
export const complete = Effect.fnUntraced(function* (chosen: ReadonlyArray<KnownPlugin>, completion: Completion) {
  const { canAsk, hint, known, present, takeOnly = false, yes } = completion
  const all = [...chosen]
  const also: Array<KnownPlugin> = []
  for (;;) {
    const need = firstNeed(all, present, known)
    if (need === undefined) return { all, also }
    const [first] = need.providers
    const isOnly = (takeOnly || canAsk) && need.providers.length === 1
    if (first === undefined || (!canAsk && !yes && !isOnly)) {
      return yield* new ServiceMissing({
        plugin: need.plugin.name,
        service: need.service,
        providers: need.providers.map(({ name }) => name),
        hint: first === undefined ? "" : hint([...also, ...firstOfAll(all, present, known)])
      })
    }
    const provider =
      canAsk && !isOnly
        ? yield* Prompt.run(
            Prompt.Select({
              message: `${need.plugin.name} needs ${serviceName(need.service)}. Which plugin shall provide it?`,
              choices: need.providers.map((plugin) => ({
                title: plugin.name,
                description: plugin.summary,
                value: plugin
              }))
            })
          )
        : first
    // before those who need it, as people would write it
    all.unshift(provider)
    also.push(provider)
  }
})

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
  /** Where one plugin alone provides a service there is nothing to choose: it is taken without asking. */
  readonly takeOnly?: boolean
  /** The command line that names a provider. */
  readonly hint: (provider: KnownPlugin) => string
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
    const isOnly = takeOnly && need.providers.length === 1
    if (first === undefined || (!canAsk && !yes && !isOnly)) {
      return yield* new ServiceMissing({
        plugin: need.plugin.name,
        service: need.service,
        providers: need.providers.map(({ name }) => name),
        hint: first === undefined ? "" : hint(first)
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

import type { Any } from "../Plugin.ts"

/** What does not fit between plugins, in the words of the compile errors. */
export const problemsOf = (plugins: ReadonlyArray<Any>): ReadonlyArray<string> => {
  const problems: Array<string> = []
  const names = new Set<string>()
  const providers = new Map<string, string>()
  const hosted = new Set(plugins.flatMap((plugin) => plugin.hosts.map((host) => host.point)))
  for (const { name, provides } of plugins) {
    if (names.has(name)) problems.push(`two plugins are named "${name}": give one another name with Plugin.as`)
    names.add(name)
    for (const { key } of provides) {
      const provider = providers.get(key)
      if (provider !== undefined) {
        problems.push(`plugin "${name}" provides "${key}", which plugin "${provider}" provides already`)
      } else providers.set(key, name)
    }
  }
  for (const { contributes, name, provides, requires } of plugins) {
    for (const { key } of requires) {
      const own = provides.some((service) => service.key === key)
      if (own) problems.push(`plugin "${name}" requires "${key}", which only it provides itself`)
      else if (!providers.has(key)) problems.push(`plugin "${name}" requires "${key}", which no plugin provides`)
    }
    for (const { adds } of contributes) {
      if (adds !== undefined && !hosted.has(adds)) {
        problems.push(`plugin "${name}" contributes to "${adds}", which no plugin hosts`)
      }
    }
  }
  return problems
}

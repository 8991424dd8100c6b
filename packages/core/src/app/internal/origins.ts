/** The environment variable that a value came from. */
export interface Origin {
  readonly name: string
  readonly text: string | undefined
}

/** Which keys of an object of the configuration came from which variables; filled by `Environment.config`. */
export const Origins = new WeakMap<object, Readonly<Record<string, Origin>>>()

/** The variable of the value at a path, or of the nearest value around it. */
export const originOf = (input: unknown, path: ReadonlyArray<PropertyKey>): Origin | undefined => {
  let at = input
  let found: Origin | undefined
  for (const key of path) {
    if (typeof at !== "object" || at === null) break
    const origins = Origins.get(at)
    if (origins !== undefined && Object.hasOwn(origins, key)) found = origins[String(key)]
    at = (at as Readonly<Record<PropertyKey, unknown>>)[key]
  }
  return found
}

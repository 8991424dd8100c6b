const PLACE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g

export interface Interpolated {
  readonly text: string
  /** Whether something was put in. */
  readonly changed: boolean
  /** Variables that are not set, and for which nothing else is said. */
  readonly missing: ReadonlyArray<string>
}

/** Puts variables in: `${NAME}`, `${NAME:-otherwise}` (also for a variable that is empty); `$${` stands for `${`. */
export const interpolate = (text: string, lookup: (name: string) => string | undefined): Interpolated => {
  const missing: Array<string> = []
  let changed = false
  const replaced = text.replaceAll(PLACE, (place, name: string | undefined, otherwise: string | undefined) => {
    if (name === undefined) return "${"
    changed = true
    const value = lookup(name)
    if (value !== undefined && (value !== "" || otherwise === undefined)) return value
    if (otherwise === undefined) missing.push(name)
    return otherwise ?? place
  })
  return { text: replaced, changed, missing }
}

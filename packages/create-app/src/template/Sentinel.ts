/** The four styles in which a template writes the name of its app. */
export interface NameStyles {
  /** `my-app` */
  readonly kebab: string
  /** `MyApp` */
  readonly pascal: string
  /** `myApp` */
  readonly camel: string
  /** `MY_APP` */
  readonly constant: string
}

/** The name that stands for the app's own unless a template declares another. */
export const defaultSentinel = "mortise-app"

const capitalise = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/**
 * The styles of a package name. A scope is dropped (`@acme/chat-room` gives `chat-room`); a name that starts with a
 * digit gets `App` before it, since an identifier cannot start so.
 */
export const stylesOf = (packageName: string): NameStyles => {
  const unscoped = packageName.startsWith("@") ? (packageName.split("/")[1] ?? packageName) : packageName
  const found = unscoped.split(/[^A-Za-z0-9]+/).filter((word) => word !== "")
  const words = found.length === 0 ? ["app"] : /^[0-9]/.test(found[0] ?? "") ? ["app", ...found] : found
  const pascal = words.map(capitalise).join("")
  return {
    kebab: unscoped,
    pascal,
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    constant: words.map((word) => word.toUpperCase()).join("_")
  }
}

/**
 * The same styles with a word added to the identifiers, for a name whose identifiers the template's code already uses:
 * an app called `effect` gets `EffectApp`.
 */
export const withSuffix = (styles: NameStyles, word: string): NameStyles => ({
  kebab: styles.kebab,
  pascal: styles.pascal + capitalise(word),
  camel: styles.camel + capitalise(word),
  constant: `${styles.constant}_${word.toUpperCase()}`
})

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/**
 * Replaces the sentinel in running text: in kebab style where it is a word or a part of a hyphenated one
 * (`mortise-app-server`), in the other styles inside every word that could be an identifier.
 */
export const renameText = (text: string, from: NameStyles, to: NameStyles): string =>
  text.replace(new RegExp(`(?<![A-Za-z0-9])${escape(from.kebab)}(?![A-Za-z0-9])|[A-Za-z_$][\\w$]*`, "g"), (word) =>
    word === from.kebab ? to.kebab : renameIdentifier(word, from, to)
  )

/**
 * Replaces the sentinel inside one identifier, where it may be a part: `makeMortiseApp`, `MORTISE_APP_PORT`.
 * Gives the identifier unchanged when the sentinel is not in it.
 */
export const renameIdentifier = (identifier: string, from: NameStyles, to: NameStyles): string => {
  const replaced = identifier.replaceAll(from.pascal, to.pascal).replaceAll(from.constant, to.constant)
  // camel counts only at the start of a part: in `xmortiseApp` it is no word
  return replaced.startsWith(from.camel) ? to.camel + replaced.slice(from.camel.length) : replaced
}

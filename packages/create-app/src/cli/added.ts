import type { KnownPlugin } from "../plugin/KnownPlugin.ts"

export const namesOf = (plugins: ReadonlyArray<KnownPlugin>): ReadonlyArray<string> => plugins.map(({ name }) => name)

/** Says which plugins come that nobody asked for. */
export const alsoNote = (also: ReadonlyArray<KnownPlugin>): string =>
  `Also added, since ${also.length === 1 ? "it is" : "they are"} needed: ${namesOf(also).join(", ")}.`

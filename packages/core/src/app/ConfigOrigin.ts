/**
 * Where the values of a configuration came from, so that what is wrong with one is told by the variable, the line of the
 * file or the flag that set it. Kept beside the object, by its identity: the object itself holds plain values.
 *
 * @example
 * const config = { http: { port: 99999 } }
 * ConfigOrigin.set(config.http, { port: { kind: "variable", name: "PORT", text: "99999" } })
 */
import type { ConfigProblem } from "./AppConfig.ts"

export interface Origin {
  /** `default`: what the program says where nobody else does. */
  readonly kind: "default" | "file" | "variable" | "flag"
  /** Of the variable (`PORT`), the file (`config/default.yaml`) or the flag (`--http.port`); empty for a default. */
  readonly name: string
  /** The file that a variable stands in, or that holds the value. */
  readonly file?: string
  /** Line in `file`, from 1. */
  readonly line?: number
  /** The value as it was typed, where it was text; undefined where nothing was set. */
  readonly text?: string | undefined
}

const origins = new WeakMap<object, Readonly<Record<string, Origin>>>()
const found = new WeakMap<object, ReadonlyArray<ConfigProblem>>()

/** Says where the values of an object's keys came from. */
export const set = (object: object, of: Readonly<Record<string, Origin>>): void => void origins.set(object, of)

/** The origin of the value at a path, or of the nearest value around it. */
export const originOf = (config: unknown, path: ReadonlyArray<PropertyKey>): Origin | undefined => {
  let at = config
  let nearest: Origin | undefined
  for (const key of path) {
    if (typeof at !== "object" || at === null) break
    const known = origins.get(at)
    if (known !== undefined && Object.hasOwn(known, key)) nearest = known[String(key)]
    at = (at as Readonly<Record<PropertyKey, unknown>>)[key]
  }
  return nearest
}

/** Hands on what was wrong when a configuration was read; it is told together with what is wrong with its values. */
export const addProblems = (config: object, problems: ReadonlyArray<ConfigProblem>): void =>
  void found.set(config, [...problemsOf(config), ...problems])

export const problemsOf = (config: object): ReadonlyArray<ConfigProblem> => found.get(config) ?? []

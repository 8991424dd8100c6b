/**
 * Configuration from environment variables. What is wrong with a value is told by the name of the variable that it came
 * from, and by its key. A variable that is empty counts as one that is not set.
 *
 * @example
 * export const config = Environment.config({
 *   http: { host: Environment.string("HOST", "127.0.0.1"), port: Environment.number("PORT", 7420) }
 * })
 * App.run(app, { name: "chat", config })
 */
import * as ConfigOrigin from "./ConfigOrigin.ts"

/** A value that an environment variable sets. */
export class Variable<out A> {
  readonly name: string
  /** As it stands in the environment; undefined where it does not. */
  readonly text: string | undefined
  /** What the configuration has for it. */
  readonly value: A

  constructor(name: string, read: (text: string | undefined) => A) {
    this.name = name
    this.text = process.env[name]
    this.value = read(this.text === "" ? undefined : this.text)
  }
}

/** A text; without a default one that is not set is an empty text, which a plugin that needs it refuses. */
export const string = (name: string, initial = ""): Variable<string> => new Variable(name, (text) => text ?? initial)

/** A number; without a default one that is not set is NaN, which no plugin takes. */
export const number = (name: string, initial = Number.NaN): Variable<number> =>
  new Variable(name, (text) => (text === undefined ? initial : Number(text)))

/** `true` or `false`. */
export const boolean = (name: string, initial = false): Variable<boolean> =>
  new Variable(name, (text) => {
    if (text === undefined) return initial
    // a text that is neither stays as it is: a plugin refuses it, and it is told as it was typed
    return text === "true" || (text === "false" ? false : (text as never))
  })

/** A configuration with the values of its variables in their places. */
export type Resolved<T> =
  T extends Variable<infer A>
    ? A
    : T extends Readonly<Record<string, unknown>> | ReadonlyArray<unknown>
      ? { readonly [K in keyof T]: Resolved<T[K]> }
      : T

const isPlain = (value: unknown): value is object => {
  if (typeof value !== "object" || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return Array.isArray(value) || prototype === Object.prototype || prototype === null
}

const resolve = (given: unknown): unknown => {
  if (!isPlain(given)) return given
  const origins: Record<string, ConfigOrigin.Origin> = {}
  const entries = Object.entries(given).map(([key, value]) => {
    if (!(value instanceof Variable)) return [key, resolve(value)] as const
    origins[key] = { kind: "variable", name: value.name, text: value.text }
    return [key, value.value] as const
  })
  const resolved = Array.isArray(given) ? entries.map(([, value]) => value) : Object.fromEntries(entries)
  ConfigOrigin.set(resolved, origins)
  return resolved
}

/** Puts the values of variables into their places, at any depth of objects and lists. All else stays as it is. */
export const config = <const T extends Readonly<Record<string, unknown>>>(sections: T): Resolved<T> =>
  resolve(sections) as Resolved<T>

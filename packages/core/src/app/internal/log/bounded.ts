import * as Redacted from "effect/Redacted"
import type { ErrorEntry } from "../../LogSink.ts"
import { HIDDEN, isSecretKey, type SecretText } from "./SecretText.ts"

/** How much of a value goes into a line. */
export const bounds = {
  /** Objects within objects. */
  depth: 6,
  /** Entries of one object or list. */
  width: 50,
  /** Values of one line in all. */
  values: 500,
  /** UTF-16 units of one text, of a key, of a stack. */
  text: 4096,
  key: 128,
  stack: 8192,
  /** Errors that caused errors. */
  causes: 5
} as const

const attempt = (read: () => unknown): unknown => {
  try {
    return read()
  } catch {
    return "<threw>"
  }
}

const at = (value: object, key: string): unknown => attempt(() => (value as Record<string, unknown>)[key])

/** What an error has of its own beside what every error has. */
const isDetail = (key: string): boolean => !["code", "message", "stack", "cause", "_tag"].includes(key)

const nameOf = (value: object): string => {
  const name = attempt(() => value.constructor?.name)
  return typeof name === "string" && name !== "" ? name : "object"
}

const webRecords: ReadonlySet<string> = new Set(["Headers", "URLSearchParams", "FormData"])

/** Makes plain data of the values of one line: without secrets, bounded, and whatever their getters do. */
export class Bounded {
  private left: number = bounds.values
  private readonly above: Array<object> = []
  private readonly secrets: SecretText

  constructor(secrets: SecretText) {
    this.secrets = secrets
  }

  text(text: string, max: number = bounds.text): string {
    return this.secrets.clean(text, max)
  }

  /** The value under a key. */
  under(key: string, value: unknown): unknown {
    const harmless = value === undefined || value === null || typeof value === "boolean"
    return !harmless && isSecretKey(key) ? HIDDEN : this.value(value)
  }

  value(value: unknown): unknown {
    if (this.left-- <= 0) return "…"
    switch (typeof value) {
      case "string":
        return this.text(value)
      case "number":
        // a number may be a secret that was told of
        return Number.isFinite(value) ? (this.text(String(value)) === String(value) ? value : HIDDEN) : String(value)
      case "bigint":
        return this.text(String(value))
      case "symbol":
        return this.text(String(value))
      case "function":
        return `<function ${this.text(value.name, bounds.key)}>`
      case "object":
        return value === null ? null : this.object(value)
      default:
        return value
    }
  }

  fields(entries: Iterable<readonly [string, unknown]>, total: number): Record<string, unknown> {
    const plain: Record<string, unknown> = Object.create(null)
    let count = 0
    for (const [key, value] of entries) {
      if (count === bounds.width) {
        plain["…"] = `${total - count} more`
        break
      }
      count++
      const kept = this.under(key, value)
      if (kept !== undefined) plain[this.text(key, bounds.key)] = kept
    }
    return plain
  }

  error(error: unknown, withStack: boolean, depth = 0): ErrorEntry {
    if (typeof error !== "object" || error === null) return { message: String(this.value(error)) }
    if (this.above.includes(error)) return { message: "<circular>" }
    this.above.push(error)
    const string = (key: string, max?: number) => {
      const found = at(error, key)
      return typeof found === "string" && found !== "" ? this.text(found, max) : undefined
    }
    const name = string("_tag", bounds.key) ?? string("name", bounds.key)
    const code = string("code", bounds.key)
    const stack = withStack ? string("stack", bounds.stack) : undefined
    const cause = at(error, "cause")
    // a field of a tagged error may be called so
    const named = typeof at(error, "_tag") === "string" ? "" : "name"
    const keys = attempt(() => Object.keys(error).filter((key) => key !== named && isDetail(key)))
    const own = Array.isArray(keys) ? (keys as Array<string>) : []
    const isError = error instanceof Error
    const details =
      own.length > 0 && depth < bounds.causes
        ? this.fields(
            own.map((key) => [key, at(error, key)]),
            own.length
          )
        : {}
    const entry: ErrorEntry = {
      ...(name === undefined ? {} : { name }),
      ...(code === undefined ? {} : { code }),
      message: string("message") ?? name ?? (isError ? "" : nameOf(error)),
      ...(Object.keys(details).length === 0 ? {} : { details }),
      ...(stack === undefined ? {} : { stack }),
      ...(cause === undefined || cause === null || depth >= bounds.causes
        ? {}
        : { cause: this.error(cause, false, depth + 1) })
    }
    this.above.pop()
    return entry
  }

  private object(value: object): unknown {
    const { length } = this.above
    try {
      // asks the value itself, and a proxy may answer anything
      return this.known(value)
    } catch {
      this.above.length = length
      return "<threw>"
    }
  }

  private known(value: object): unknown {
    if (Redacted.isRedacted(value)) return HIDDEN
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
      return `<${value.byteLength} bytes>`
    }
    if (this.above.includes(value)) return "<circular>"
    if (this.above.length >= bounds.depth) return Array.isArray(value) ? "<list>" : `<${nameOf(value)}>`
    if (value instanceof Error) return this.error(value, false)
    this.above.push(value)
    const plain = this.inside(value)
    this.above.pop()
    return plain
  }

  private inside(value: object): unknown {
    if (Array.isArray(value)) return this.list(value, value.length)
    if (value instanceof Map) return this.fields(entriesOf(value), value.size)
    if (value instanceof Set) return this.list(firstOf(value), value.size)
    // by name: to look at the globals loads what stands behind them, which takes 50 ms
    if (webRecords.has(nameOf(value))) return this.web(value as Iterable<readonly [string, unknown]>)
    const toJSON = at(value, "toJSON")
    if (typeof toJSON === "function") {
      const json: unknown = toJSON.call(value)
      if (json !== value) return this.value(json)
    }
    const keys = Object.keys(value)
    // { name: "password", value: "…" }
    const label = at(value, "name") ?? at(value, "key")
    const hides = typeof label === "string" && isSecretKey(label)
    const entries = keys.slice(0, bounds.width + 1).map((key) => {
      return [key, hides && key === "value" ? HIDDEN : at(value, key)] as const
    })
    return this.fields(entries, keys.length)
  }

  private web(entries: Iterable<readonly [string, unknown]>): unknown {
    const all = [...entries]
    return this.fields(all, all.length)
  }

  private list(values: ReadonlyArray<unknown>, total: number): ReadonlyArray<unknown> {
    // ["authorization", "Bearer …"]
    const isPair = total === 2 && typeof values[0] === "string"
    const kept = Array.from({ length: Math.min(total, bounds.width) }, (_, i) =>
      isPair && i === 1 ? this.under(values[0] as string, values[1]) : this.value(values[i])
    )
    if (total > kept.length) kept.push(`… ${total - kept.length} more`)
    return kept
  }
}

function* entriesOf(map: ReadonlyMap<unknown, unknown>): Iterable<readonly [string, unknown]> {
  for (const [key, value] of map) yield [typeof key === "object" ? "<object>" : String(key), value]
}

const firstOf = (set: ReadonlySet<unknown>): ReadonlyArray<unknown> => {
  const first: Array<unknown> = []
  for (const value of set) {
    if (first.length === bounds.width) break
    first.push(value)
  }
  return first
}

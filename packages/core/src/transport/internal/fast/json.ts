import { FAIL, isNumberOf, MISSING, type Shape } from "./shape.ts"

/** A string as JSON. Short ones are looked at here, which is quicker than the native way; what needs escapes is left to it. */
const quote = (text: string): string => {
  const n = text.length
  if (n > 40) return JSON.stringify(text)
  for (let i = 0; i < n; i++) {
    const c = text.charCodeAt(i)
    if (c < 0x20 || c === 0x22 || c === 0x5c || (c >= 0xd800 && c <= 0xdfff)) return JSON.stringify(text)
  }
  return `"${text}"`
}

type Write = (value: unknown) => string | typeof FAIL
type Check = (value: unknown) => unknown

/** JSON text of a value, with its shape checked on the way. */
export const writer = (shape: Shape): Write | undefined => {
  switch (shape.type) {
    case "string":
      return (value) => (typeof value === "string" ? quote(value) : FAIL)
    case "boolean":
      return (value) => (value === true ? "true" : value === false ? "false" : FAIL)
    case "number":
      return (value) => (isNumberOf(shape, value) && Number.isFinite(value) ? `${value + 0}` : FAIL)
    case "literal": {
      const texts = new Map(shape.values.map((value) => [value as unknown, JSON.stringify(value)]))
      return (value) => texts.get(value) ?? FAIL
    }
    // bytes are base64 here: the general way knows how
    case "bytes":
      return undefined
    case "array": {
      const item = writer(shape.item)
      if (item === undefined) return undefined
      return (value) => {
        if (!Array.isArray(value)) return FAIL
        let text = "["
        for (let i = 0; i < value.length; i++) {
          const one = item(value[i])
          if (one === FAIL) return FAIL
          text += i === 0 ? one : `,${one}`
        }
        return `${text}]`
      }
    }
    case "record": {
      const { fields, take, values } = shape
      const writers: Array<Write> = []
      for (const field of fields) {
        const write = writer(field.shape)
        if (write === undefined) return undefined
        writers.push(write)
      }
      const first = fields.map(({ name }) => `${JSON.stringify(name)}:`)
      const next = first.map((key) => `,${key}`)
      return (value) => {
        if (typeof value !== "object" || value === null) return FAIL
        take(value, values)
        let text = "{"
        for (let i = 0; i < writers.length; i++) {
          const field = values[i]
          if (field === MISSING) continue
          const one = (writers[i] as Write)(field)
          if (one === FAIL) return FAIL
          text += (text.length === 1 ? (first[i] as string) : (next[i] as string)) + one
        }
        return `${text}}`
      }
    }
  }
}

/** What a parsed JSON value is in code: itself, or a copy with the known fields only. */
export const reader = (shape: Shape): Check | undefined => {
  switch (shape.type) {
    case "string":
      return (value) => (typeof value === "string" ? value : FAIL)
    case "boolean":
      return (value) => (typeof value === "boolean" ? value : FAIL)
    case "number":
      return (value) => (isNumberOf(shape, value) ? value : FAIL)
    case "literal": {
      const known = new Set<unknown>(shape.values)
      return (value) => (known.has(value) ? value : FAIL)
    }
    case "bytes":
      return undefined
    case "array": {
      const item = reader(shape.item)
      if (item === undefined) return undefined
      return (value) => {
        if (!Array.isArray(value)) return FAIL
        const made: Array<unknown> = []
        for (let i = 0; i < value.length; i++) {
          const one = item(value[i])
          if (one === FAIL) return FAIL
          made.push(one)
        }
        return made
      }
    }
    case "record": {
      const { fields, make, take, values } = shape
      const readers: Array<Check> = []
      for (const field of fields) {
        const read = reader(field.shape)
        if (read === undefined) return undefined
        readers.push(read)
      }
      return (value) => {
        if (typeof value !== "object" || value === null || Array.isArray(value)) return FAIL
        take(value, values)
        for (let i = 0; i < readers.length; i++) {
          if (values[i] === MISSING) continue
          const one = (readers[i] as Check)(values[i])
          if (one === FAIL) return FAIL
          values[i] = one
        }
        return make(values)
      }
    }
  }
}

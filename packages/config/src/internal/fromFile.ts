import { readFileSync, statSync } from "node:fs"
import path from "node:path"
import type { Origin } from "@mortise/core/app/ConfigOrigin"
import { type Format, pathKey, Unparsable } from "./formats/Format.ts"
import { interpolate } from "./interpolate.ts"
import type { Reading } from "./Reading.ts"
import { isRecord, type Node, Text } from "./Tree.ts"

/** A configuration is written by people: what is larger or deeper is something else. */
const MAX_BYTES = 1024 * 1024
const MAX_DEPTH = 32

/** By the end of a file's name; each is loaded when there is such a file. */
export const formats: Readonly<Record<string, () => Promise<Format>>> = {
  ".json": async () => (await import("./formats/json.ts")).json,
  ".yaml": async () => (await import("./formats/yaml.ts")).yaml,
  ".yml": async () => (await import("./formats/yaml.ts")).yaml,
  ".toml": async () => (await import("./formats/toml.ts")).toml
}

/** The text of a file; undefined where there is none. Throws where it cannot be read. */
export const textOf = (file: string): string | undefined => {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  if (!stat.isFile()) throw new Error("it is no file")
  if (stat.size > MAX_BYTES) throw new Error(`it has ${stat.size} bytes; a configuration may have ${MAX_BYTES}`)
  return readFileSync(file, "utf8")
}

class TooDeep extends Error {}

interface Place {
  readonly file: string
  readonly lines: ReadonlyMap<string, number>
  readonly lookup: (name: string) => string | undefined
}

const originAt = ({ file, lines }: Place, at: ReadonlyArray<string | number>): Origin => {
  // an item of a list stands where the nearest thing around it does, if its format does not say
  for (let length = at.length; length > 0; length--) {
    const line = lines.get(pathKey(at.slice(0, length)))
    if (line !== undefined) return { kind: "file", name: file, file, line }
  }
  return { kind: "file", name: file, file }
}

const leafValue = (reading: Reading, place: Place, value: unknown, at: ReadonlyArray<string | number>): unknown => {
  if (at.length > MAX_DEPTH) throw new TooDeep()
  if (Array.isArray(value)) return value.map((item, index) => leafValue(reading, place, item, [...at, index]))
  if (isRecord(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, leafValue(reading, place, item, [...at, key])])
    )
  }
  if (typeof value !== "string") return value
  const { changed, missing, text } = interpolate(value, place.lookup)
  const { file, line } = originAt(place, at)
  for (const name of missing) {
    reading.problem({
      path: at.join("."),
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
      expected: `the variable ${name}`,
      got: "nothing",
      hint: `Set ${name}, or write \${${name}:-…} with what goes without it.`
    })
  }
  return changed ? new Text(text) : text
}

const nodeOf = (reading: Reading, place: Place, value: unknown, at: ReadonlyArray<string>): Node => {
  const origin = originAt(place, at)
  if (at.length > MAX_DEPTH) throw new TooDeep()
  if (!isRecord(value)) return { kind: "leaf", origin, value: leafValue(reading, place, value, at) }
  const entries = Object.entries(value).map(([key, item]) => [key, nodeOf(reading, place, item, [...at, key])] as const)
  return { kind: "branch", origin, entries: new Map(entries) }
}

/**
 * What a file says, of the first name with an end that is known. `shown` is how messages name it; two files of one name are
 * a mistake, because nobody could say which is meant.
 */
export const fromFile = async (
  reading: Reading,
  base: string,
  shown: string,
  lookup: (name: string) => string | undefined
): Promise<Node | undefined> => {
  let first: string | undefined
  let node: Node | undefined
  for (const [end, load] of Object.entries(formats)) {
    const name = `${shown}${end}`
    const file = `${base}${end}`
    reading.looked.push(file)
    try {
      const text = textOf(file)
      if (text === undefined) continue
      if (first !== undefined) {
        reading.problem({ path: "", file: name, expected: `one file; ${first} is there, too`, got: "a second one" })
        continue
      }
      first = name
      reading.files.push(file)
      const { lines, value } = (await load()).parse(text)
      if (!isRecord(value)) {
        reading.problem({ path: "", file: name, expected: "an object of sections", got: "something else" })
      } else node = nodeOf(reading, { file: name, lines, lookup }, value, [])
    } catch (error) {
      const line = error instanceof Unparsable ? error.line : undefined
      const kind = path.extname(file).slice(1).toUpperCase()
      const got = error instanceof TooDeep ? `one that is nested deeper than ${MAX_DEPTH}` : (error as Error).message
      reading.problem({
        path: "",
        file: name,
        ...(line === undefined ? {} : { line }),
        expected: error instanceof Unparsable ? kind.replace("YML", "YAML") : "a readable file",
        got
      })
    }
  }
  return node
}

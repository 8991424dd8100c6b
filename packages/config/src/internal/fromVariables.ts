import { parseEnv } from "node:util"
import type { Origin } from "@mortise/core/app/ConfigOrigin"
import { textOf } from "./fromFile.ts"
import { interpolate } from "./interpolate.ts"
import { prefixOf, type Reading } from "./Reading.ts"
import { at, merge, type Node, Text } from "./Tree.ts"

export interface Variables {
  readonly values: Readonly<Record<string, string | undefined>>
  readonly originOf: (name: string) => Origin
}

/** The variables of the environment. */
export const environment = (env: Variables["values"]): Variables => ({
  values: env,
  originOf: (name) => ({ kind: "variable", name, text: env[name] })
})

/** Those of a file `.env`, with variables put in; none where there is no such file. */
export const envFile = (reading: Reading, file: string, shown: string): Variables => {
  reading.looked.push(file)
  const lines = new Map<string, number>()
  let values: Record<string, string> = {}
  try {
    const text = textOf(file)
    if (text !== undefined) {
      reading.files.push(file)
      values = { ...(parseEnv(text) as Record<string, string>) }
      text.split("\n").forEach((line, index) => {
        const name = /^\s*(?:export\s+)?([\w.-]+)\s*=/.exec(line)?.[1]
        if (name !== undefined) lines.set(name, index + 1)
      })
    }
  } catch (error) {
    reading.problem({ path: "", file: shown, expected: "a readable file", got: (error as Error).message })
  }
  const lineOf = (name: string) => {
    const line = lines.get(name)
    return { file: shown, ...(line === undefined ? {} : { line }) }
  }
  const before = { ...values }
  for (const [name, text] of Object.entries(before)) {
    const { missing, text: filled } = interpolate(text, (other) => reading.env[other] ?? before[other])
    values[name] = filled
    for (const other of missing) {
      const hint = `Set ${other}, or write \${${other}:-…} with what goes without it.`
      const got = { got: "nothing", hint }
      reading.problem({ path: "", variable: name, ...lineOf(name), expected: `the variable ${other}`, ...got })
    }
  }
  return { values, originOf: (name) => ({ kind: "variable", name, text: values[name], ...lineOf(name) }) }
}

/**
 * The values that variables with the app's prefix set: `MY_CHAT_HTTP__PORT` is `http.port`. Without `__` a variable is not
 * meant, for containers get variables such as `MY_CHAT_PORT` from elsewhere. Empty ones are not set.
 */
export const fromVariables = (reading: Reading, name: string, { originOf, values }: Variables): Node | undefined => {
  const prefix = prefixOf(name)
  let tree: Node | undefined
  for (const variable of Object.keys(values).sort()) {
    const text = values[variable]
    if (!variable.startsWith(prefix) || !variable.includes("__") || text === undefined || text === "") continue
    const { known, near, path } = reading.resolve(variable.slice(prefix.length).split("__"))
    const origin = originOf(variable)
    if (known !== undefined) {
      const parts = [...path.slice(0, -1), near].filter((part) => part !== undefined)
      const meant = near === undefined ? undefined : prefix + parts.map(variablePart).join("__")
      const expected = meant ?? (known.length > 0 ? `one of ${known.map(variablePart).join(", ")}` : "no such variable")
      const { file, line } = origin
      const where = { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) }
      reading.problem({ path: path.join("."), variable, ...where, expected, got: variable })
      continue
    }
    const node = at(path, { kind: "leaf", origin, value: new Text(text) })
    tree = tree === undefined ? node : merge(tree, node)
  }
  return tree
}

/** `MAX_HEADER_BYTES` for `maxHeaderBytes`. */
export const variablePart = (key: string): string =>
  key
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase()

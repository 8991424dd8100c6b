import * as ConfigOrigin from "@mortise/core/app/ConfigOrigin"
import type { Variables } from "./fromVariables.ts"
import { isRecord, type Node, Text } from "./Tree.ts"

/** What code says, in two layers: what goes where nobody else says anything, and what its variables say. */
export interface FromCode {
  readonly defaults: Node
  readonly variables: Node | undefined
}

const DEFAULT: ConfigOrigin.Origin = { kind: "default", name: "" }

const isSet = (origin: ConfigOrigin.Origin | undefined): boolean =>
  origin?.kind === "variable" && origin.text !== undefined && origin.text !== ""

const layer = (
  config: unknown,
  value: unknown,
  path: ReadonlyArray<string>,
  wanted: (origin: ConfigOrigin.Origin | undefined) => boolean
): Node | undefined => {
  const origin = path.length === 0 ? undefined : ConfigOrigin.originOf(config, path)
  if (!isRecord(value)) return wanted(origin) ? { kind: "leaf", origin: origin ?? DEFAULT, value } : undefined
  const entries = Object.entries(value).flatMap(([key, item]) => {
    const node = item === undefined ? undefined : layer(config, item, [...path, key], wanted)
    return node === undefined ? [] : [[key, node] as const]
  })
  if (entries.length === 0 && !(wanted === isDefault && Object.keys(value).length === 0)) return undefined
  return { kind: "branch", origin: origin ?? DEFAULT, entries: new Map(entries) }
}

const isDefault = (origin: ConfigOrigin.Origin | undefined): boolean => !isSet(origin)

/** Sections as code has them, made by `Environment.config` or by hand. */
export const fromCode = (config: unknown): FromCode => ({
  defaults: layer(config, config, [], isDefault) ?? { kind: "branch", origin: DEFAULT, entries: new Map() },
  variables: layer(config, config, [], isSet)
})

/**
 * The names that code gives to variables, for a file `.env` that nobody has loaded into the environment: those that are not
 * set there, with what the file says.
 */
export const ofEnvFile = (node: Node, variables: Variables): Node | undefined => {
  if (node.kind === "leaf") {
    const { kind, name } = node.origin
    const text = kind === "variable" ? variables.values[name] : undefined
    return text === undefined || text === ""
      ? undefined
      : { kind: "leaf", origin: variables.originOf(name), value: new Text(text) }
  }
  const entries = [...node.entries].flatMap(([key, child]) => {
    const found = ofEnvFile(child, variables)
    return found === undefined ? [] : [[key, found] as const]
  })
  return entries.length === 0 ? undefined : { ...node, entries: new Map(entries) }
}

import type { Reading } from "./Reading.ts"
import { at, merge, type Node, Text } from "./Tree.ts"

const FLAG = /^--(no-)?([A-Za-z][\w-]*(?:\.[\w-]+)+)(?:=(.*))?$/s

/**
 * The values that flags set: `--http.port=8080`, `--http.port 8080`, `--tcp.strict`, `--no-tcp.strict`. Arguments that are
 * not of this form are left to the app.
 */
export const fromFlags = (reading: Reading, args: ReadonlyArray<string>): Node | undefined => {
  let tree: Node | undefined
  for (let i = 0; i < args.length; i++) {
    if (args[i] === "--") break
    const [, no, dotted, given] = FLAG.exec(args[i] ?? "") ?? []
    if (dotted === undefined) continue
    const next = args[i + 1]
    const takesNext = no === undefined && given === undefined && next !== undefined && !next.startsWith("--")
    const text = no === undefined ? (given ?? (takesNext ? next : "true")) : "false"
    if (takesNext) i++
    const flag = `--${dotted}`
    const { known, near, path } = reading.resolve(dotted.split("."))
    if (known !== undefined) {
      const meant = near === undefined ? undefined : `--${[...path.slice(0, -1), near].join(".")}`
      const expected = meant ?? (known.length > 0 ? `one of ${known.join(", ")}` : "no such flag")
      reading.problem({ path: path.join("."), flag, expected, got: flag })
      continue
    }
    const node = at(path, { kind: "leaf", origin: { kind: "flag", name: flag, text }, value: new Text(text) })
    tree = tree === undefined ? node : merge(tree, node)
  }
  return tree
}

/** The value of a flag that is not part of the configuration, such as `--profile`. */
export const plainFlag = (args: ReadonlyArray<string>, name: string): string | undefined => {
  for (let i = 0; i < args.length && args[i] !== "--"; i++) {
    if (args[i] === `--${name}`) return args[i + 1]
    if (args[i]?.startsWith(`--${name}=`)) return args[i]?.slice(name.length + 3)
  }
  return undefined
}

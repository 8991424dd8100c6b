/** What the parts of one reading share: the sections, where to look, and what was found to be wrong. */
import type { ConfigProblem, Section } from "@mortise/core/app/AppConfig"
import { childOf, keysAt, nearest } from "@mortise/core/app/ConfigSchema"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"

export class Reading {
  readonly sections: ReadonlyArray<Section>
  /** The environment: what has been set before the app was started. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly problems: Array<ConfigProblem> = []
  /** Every file that was looked for, whether or not it is there. */
  readonly looked: Array<string> = []
  /** Every file that was read. */
  readonly files: Array<string> = []
  readonly #asts = new Map<string, SchemaAST.AST>()

  constructor(sections: ReadonlyArray<Section>, env: Readonly<Record<string, string | undefined>>) {
    this.sections = sections.filter(({ config }) => config !== undefined)
    this.env = env
    for (const { config, name } of this.sections) {
      if (config !== undefined) this.#asts.set(name, Schema.toEncoded(config).ast)
    }
  }

  problem(problem: Omit<ConfigProblem, "plugin"> & { readonly plugin?: string }): void {
    this.problems.push({ plugin: problem.path.split(".")[0] ?? "", ...problem })
  }

  /** What a section holds before decoding. */
  sectionAst(name: string): SchemaAST.AST | undefined {
    return this.#asts.get(name)
  }

  /**
   * The path that words mean, whatever their case and with dashes or underscores between words: `HTTP`, `MAX_HEADER_BYTES`
   * are `http.maxHeaderBytes`. Where a word means nothing, the words that could stand there, and the nearest of them.
   */
  resolve(words: ReadonlyArray<string>): Resolved {
    const path: Array<string> = []
    let ast: SchemaAST.AST | undefined
    for (const word of words) {
      const known = path.length === 0 ? this.sections.map(({ name }) => name) : ast === undefined ? [] : keysAt(ast, [])
      const key = known.find((one) => canonical(one) === canonical(word)) ?? openKey(ast, word, path.length > 0)
      if (key === undefined) {
        return { path: [...path, word.toLowerCase()], known, near: nearest(word.replaceAll("_", ""), known) }
      }
      ast = path.length === 0 ? this.sectionAst(key) : ast && childOf(ast, key)
      path.push(key)
    }
    return { path, known: undefined, near: undefined }
  }
}

export interface Resolved {
  readonly path: ReadonlyArray<string>
  /** What could stand in the place of the last word, if it means nothing; else undefined. */
  readonly known: ReadonlyArray<string> | undefined
  readonly near: string | undefined
}

const canonical = (word: string): string => word.toLowerCase().replaceAll(/[-_]/g, "")

/** A key of a record, which takes any. */
const openKey = (ast: SchemaAST.AST | undefined, word: string, inside: boolean): string | undefined => {
  if (!inside) return undefined
  const key = word.toLowerCase()
  return ast !== undefined && childOf(ast, key) !== undefined ? key : undefined
}

/** `MY_CHAT_` for `my-chat`. */
export const prefixOf = (name: string): string => `${name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_")}_`

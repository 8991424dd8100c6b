/** The documentation as the tests see it: pages, their headings, their links and their fenced blocks. */
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { published, root } from "../../scripts/workspace.ts"
import { anchorOf } from "../../site/src/anchor.ts"

/** One fenced block; `docs/README.md` says what may stand behind the language. */
export interface Block {
  /** Line of the opening fence, from 1. */
  readonly line: number
  readonly language: string
  /** Blocks of one page that name the same file are its parts, in order. */
  readonly file: string | undefined
  /** The text of the file behind which this block is put in. */
  readonly after: string | undefined
  readonly run: boolean
  readonly code: string
}

export interface Page {
  /** From the root of the workspace: `docs/wire.md`. */
  readonly file: string
  readonly text: string
  readonly blocks: ReadonlyArray<Block>
  /** Relative links with the line they stand on. */
  readonly links: ReadonlyArray<{ readonly line: number; readonly target: string }>
  /** What `#…` of a link to this page may say. */
  readonly anchors: ReadonlySet<string>
}

const known = new Set(["file", "after"])

const blockOf = (place: string, line: number, info: string, code: string): Block => {
  const [language = "", ...words] = info.match(/(?:[^\s"]+|"[^"]*")+/g) ?? []
  const fields = new Map<string, string>()
  for (const word of words) {
    const [, key = word, value = ""] = /^(\w+)="?([^"]*)"?$/.exec(word) ?? []
    fields.set(key, value)
  }
  for (const key of fields.keys()) {
    if (!known.has(key) && key !== "run") throw new Error(`${place}:${line}: a block cannot be marked "${key}"`)
  }
  return {
    line,
    language,
    file: fields.get("file"),
    after: fields.get("after"),
    run: fields.has("run"),
    code
  }
}

export const parse = (file: string, text: string): Page => {
  const blocks: Array<Block> = []
  const links: Array<{ line: number; target: string }> = []
  const anchors = new Set<string>()
  const lines = text.split("\n")
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? ""
    const fence = /^(`{3,})(.*)$/.exec(line)
    if (fence !== null) {
      const end = lines.indexOf(fence[1] ?? "```", i + 1)
      if (end < 0) throw new Error(`${file}:${i + 1}: this block does not end`)
      blocks.push(blockOf(file, i + 1, fence[2] ?? "", lines.slice(i + 1, end).join("\n")))
      i = end
      continue
    }
    const heading = /^#+ (.*)$/.exec(line)
    if (heading !== null) anchors.add(anchorOf(heading[1] ?? ""))
    for (const [, target = ""] of line.replace(/`[^`]*`/g, "").matchAll(/\]\(([^)]+)\)/g)) {
      if (!/^[a-z]+:/.test(target)) links.push({ line: i + 1, target })
    }
  }
  return { file, text, blocks, links, anchors }
}

const markdown = (folder: string): ReadonlyArray<string> =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => path.posix.join(folder, file.split(path.sep).join("/")))
    .toSorted()

/** The pages of the root, those of `docs` and the README of each published package. */
export const pages: ReadonlyArray<Page> = [
  "README.md",
  "CONTRIBUTING.md",
  "CODE_OF_CONDUCT.md",
  "SECURITY.md",
  ...markdown("docs"),
  ...published().map(({ folder }) => `${folder}/README.md`)
].map((file) => parse(file, readFileSync(path.join(root, file), "utf8")))

/** The page at this path from the root. */
export const pageAt = (file: string): Page => {
  const page = pages.find((page) => page.file === file)
  if (page === undefined) throw new Error(`there is no page ${file}`)
  return page
}

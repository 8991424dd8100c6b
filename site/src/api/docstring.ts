/** Docstrings as Markdown. */

export interface Docstring {
  readonly text: string
  readonly tags: ReadonlyArray<{ readonly name: string; readonly text: string }>
}

/** The first sentence, for lists. */
export const summaryOf = ({ text }: Docstring): string => {
  const paragraph = text.split(/\n\s*\n/)[0]?.replace(/\s+/g, " ") ?? ""
  return /^.*?[.:](?= |$)/.exec(paragraph)?.[0].replace(/:$/, ".") ?? paragraph
}

/** Takes a comment (`/** … *\/`) apart. Tags begin a line, and none begins inside a fence. */
export const parseDocstring = (comment: string): Docstring => {
  const lines = comment
    .replace(/^\/\*\*/, "")
    .replace(/\*\/$/, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd())
  const parts: Array<{ name: string; lines: Array<string> }> = [{ name: "", lines: [] }]
  let fenced = false
  for (const line of lines) {
    if (/^\s*```/.test(line)) fenced = !fenced
    const tag = fenced ? null : /^\s*@(\w+)\s?(.*)$/.exec(line)
    if (tag !== null) parts.push({ name: tag[1] ?? "", lines: [tag[2] ?? ""] })
    else parts.at(-1)?.lines.push(line)
  }
  const [text, ...tags] = parts.map(({ lines, name }) => ({ name, text: lines.join("\n").replace(/^\n+|\s+$/g, "") }))
  return { text: text?.text.trimStart() ?? "", tags }
}

/** Paragraphs that are indented as a whole are drawings or tables of text: they keep their lines. */
const keepDrawings = (text: string): string => {
  let fenced = false
  return text
    .split(/\n(?:[ \t]*\n)+/)
    .map((paragraph) => {
      const inside = fenced
      if ((paragraph.match(/^\s*```/gm)?.length ?? 0) % 2 === 1) fenced = !fenced
      const lines = paragraph.split("\n")
      const drawn = !inside && !fenced && lines.every((line) => /^ {2,}(?![-*] |\d+\. )\S/.test(line))
      return drawn ? `\`\`\`text\n${lines.map((line) => line.slice(2)).join("\n")}\n\`\`\`` : paragraph
    })
    .join("\n\n")
}

/** Does `change` to what is neither a block of code nor code in a line; `code` to the latter. */
const outsideOfBlocks = (text: string, change: (text: string) => string, code: (text: string) => string): string =>
  text
    .split(/(^\s*```[\s\S]*?^\s*```)/m)
    .map((part, i) =>
      i % 2 === 1
        ? part
        : part
            .split(/(`[^`]+`)/)
            .map((piece, k) => (k % 2 === 1 ? code(piece) : change(piece)))
            .join("")
    )
    .join("")

/** What names in docstrings lead to. */
export interface Names {
  /** The address of what `{@link name}` names; undefined: nothing, which has been reported. */
  readonly link: (name: string) => string | undefined
  /** The address of what a name in code names, if it is one of the reference's. */
  readonly code: (name: string) => string | undefined
}

const withLinks = (text: string, names: Names): string =>
  outsideOfBlocks(
    text,
    (plain) =>
      plain.replace(/\{@link(?:code|plain)?\s+([^\s|}]+)(?:[\s|]+([^}]*))?\}/g, (_, name: string, label?: string) => {
        const shown = label?.trim() || `\`${name}\``
        const href = names.link(name)
        return href === undefined ? shown : `[${shown}](${href})`
      }),
    (code) => {
      const href = names.code(code.slice(1, -1))
      return href === undefined ? code : `[${code}](${href})`
    }
  )

const example = (text: string, names: Names): string =>
  /^\s*```/m.test(text) ? withLinks(text, names) : `\`\`\`ts\n${text}\n\`\`\``

const headings: Readonly<Record<string, string>> = {
  default: "Default",
  deprecated: "Deprecated",
  see: "See",
  since: "Since",
  throws: "Throws",
  returns: "Returns"
}

/** The Markdown of a docstring. A tag that is not known is shown as it is written. */
export const markdownOf = ({ tags, text }: Docstring, names: Names): string =>
  [
    withLinks(keepDrawings(text), names),
    ...tags.map((tag) =>
      tag.name === "example"
        ? `**Example**\n\n${example(tag.text, names)}`
        : `**${headings[tag.name] ?? `@${tag.name}`}** ${withLinks(tag.text, names)}`
    )
  ]
    .filter((part) => part.trim() !== "")
    .join("\n\n")

/**
 * docs/status.md: what the five seed systems can do, row by row, and the tests that hold it here. The rows are in
 * `status/features.json`, what holds them in `status/evidence.json`; both are written by hand, the page is made of them.
 */
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { root } from "./workspace.ts"

export interface Feature {
  /** A letter for the system and a number: `P12`. */
  readonly id: string
  readonly feature: string
}

export interface Evidence {
  readonly tests: ReadonlyArray<{ readonly file: string; readonly title: string }>
  /** What of the feature no test holds, where that is so. */
  readonly missing?: string
}

const systems: Readonly<Record<string, string>> = {
  P: "PySocketCommLib",
  D: "dotfiles_socket",
  K: "kryten-py and Kryten-Robot",
  V: "Voxelle",
  J: "JustIRC"
}

const read = <A>(name: string): A => JSON.parse(readFileSync(path.join(root, "scripts", "status", name), "utf8")) as A

export const features = (): ReadonlyArray<Feature> => read("features.json")

export const evidence = (): Readonly<Record<string, Evidence>> => read("evidence.json")

const sources = new Map<string, string | undefined>()

const sourceOf = (file: string): string | undefined => {
  const place = path.join(root, file)
  if (!sources.has(file)) sources.set(file, existsSync(place) ? readFileSync(place, "utf8") : undefined)
  return sources.get(file)
}

/** Whether the file has a test with exactly this title. */
const hasTitle = (source: string, title: string): boolean =>
  ['"', "'", "`"].some((quote) => source.includes(`${quote}${title}${quote}`))

/** What is wrong with the evidence: features that are none, files and titles that are not there. */
export const problemsOf = (
  rows: ReadonlyArray<Feature>,
  held: Readonly<Record<string, Evidence>>
): ReadonlyArray<string> =>
  Object.entries(held).flatMap(([id, { tests }]) => {
    if (!rows.some((row) => row.id === id)) return [`${id} is no feature of scripts/status/features.json`]
    if (tests.length === 0) return [`${id} names no test; a feature that nothing holds is left out of evidence.json`]
    return tests.flatMap(({ file, title }) => {
      const source = sourceOf(file)
      if (source === undefined) return [`${id} names ${file}, which is not there`]
      return hasTitle(source, title) ? [] : [`${id} names "${title}", which is no test of ${file}`]
    })
  })

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("\n", " ")

const row = ({ feature, id }: Feature, held: Evidence | undefined): string => {
  const tests = (held?.tests ?? []).map(({ file, title }) => `[${cell(title)}](../${file})`)
  const missing = held === undefined ? "**not yet**" : held.missing && `**not yet:** ${cell(held.missing)}`
  return `| ${id} | ${cell(feature)} | ${[...tests, ...(missing ? [missing] : [])].join("<br>")} |`
}

/** The whole page. */
export const statusPage = (rows: ReadonlyArray<Feature>, held: Readonly<Record<string, Evidence>>): string => {
  const parts = Object.entries(systems).map(([letter, name]) => {
    const own = rows.filter(({ id }) => id.startsWith(letter))
    const whole = own.filter(({ id }) => held[id] !== undefined && held[id]?.missing === undefined).length
    const partly = own.filter(({ id }) => held[id]?.missing !== undefined).length
    const none = own.length - whole - partly
    return {
      count: `| ${name} (${letter}) | ${own.length} | ${whole} | ${partly} | ${none} |`,
      text: [`## ${name} (${letter})`, "", "| row | feature | tests |", "|---|---|---|"]
        .concat(own.map((feature) => row(feature, held[feature.id])))
        .join("\n")
    }
  })
  return `# Status

Five systems that exist are what Mortise must be able to become. Each row is one thing that one of them does, and the tests
that hold it here; what no test holds is *not yet*. A row of a kit is run against every implementation of its service.

This page is made by \`npm run status -- --write\` of \`scripts/status/\`; a test fails when it is older than they are, or when a
test that it names is gone. (S) is from a system's own description, (C) from its code.

| system | rows | held | in part | not yet |
|---|---|---|---|---|
${parts.map(({ count }) => count).join("\n")}

${parts.map(({ text }) => text).join("\n\n")}
`
}

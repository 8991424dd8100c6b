/** Builds the site. */
import path from "node:path"
import { installed, program } from "../../scripts/Step.ts"
import type { Problem } from "./api/reference.ts"
import { checkHtml } from "./checkHtml.ts"
import { checkLinks } from "./checkLinks.ts"
import { output, site } from "./places.ts"
import { stage } from "./stage.ts"

export interface Built {
  /** The folder of the site. */
  readonly folder: string
  readonly pages: number
  /** What is worth a look: names in docstrings that may be of yesterday. */
  readonly warnings: ReadonlyArray<string>
}

/** What keeps the site from being built; the message has a line for each problem. */
export class SiteBroken extends Error {
  override readonly name = "SiteBroken"
}

const lineOf = ({ file, line, message }: Problem): string => `${file}${line > 0 ? `:${line}` : ""}: ${message}`

const refuse = (what: string, problems: ReadonlyArray<Problem>): void => {
  if (problems.length > 0) throw new SiteBroken(`${what}:\n${problems.map(lineOf).join("\n")}`)
}

/** Runs a program of the build; what it says is only shown when it fails. */
const must = async (what: string, file: string, args: ReadonlyArray<string>): Promise<void> => {
  const { code, output: said } = await program(file, args)
  if (code !== 0) throw new SiteBroken(`${what} failed:\n${said.trim()}`)
}

/**
 * Builds the packages' declarations, the pages and the site, in that order, and follows every link. Fails with `SiteBroken`
 * when something does not build, or a link of a page or of a docstring leads nowhere.
 */
export const build = async (): Promise<Built> => {
  await must("the build of the packages", installed("tsc"), ["-b"])
  const { problems, texts } = await stage()
  refuse("the pages have broken links", [
    ...problems.filter(({ warning }) => warning !== true),
    ...(await checkLinks(texts))
  ])
  const vitepress = path.join(site, "node_modules", "vitepress", "bin", "vitepress.js")
  await must("VitePress", process.execPath, [vitepress, "build", site])
  refuse("the site has broken links", checkHtml(output))
  return { folder: output, pages: texts.size, warnings: problems.filter(({ warning }) => warning).map(lineOf) }
}

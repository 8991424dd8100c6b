/** A changed report must come with a changeset that names its package. */
import { readFileSync } from "node:fs"
import path from "node:path"
import { program } from "../Step.ts"
import { root } from "../workspace.ts"

/**
 * The reports and changesets that changed since the branch began: paths relative to the root. Nothing where there is no git. A
 * report that is new does not count: it says what was there before.
 */
export const changedFiles = async (): Promise<ReadonlyArray<string>> => {
  const git = async (...args: ReadonlyArray<string>): Promise<string | undefined> => {
    const { code, output } = await program("git", args, { cwd: root })
    return code === 0 ? output.trim() : undefined
  }
  const { baseBranch } = JSON.parse(readFileSync(path.join(root, ".changeset", "config.json"), "utf8")) as {
    readonly baseBranch: string
  }
  const base =
    (await git("merge-base", "HEAD", baseBranch)) ?? (await git("merge-base", "HEAD", `origin/${baseBranch}`)) ?? "HEAD"
  // on the base branch itself, as after a merge, what is not released yet counts as a whole
  const isBase = base === "HEAD" || base === (await git("rev-parse", "HEAD"))
  const lists = [
    await git("diff", "--name-only", "--diff-filter=M", base, "--", "api"),
    await git(...(isBase ? ["ls-files"] : ["diff", "--name-only", "--diff-filter=AM", base]), "--", ".changeset"),
    await git("ls-files", "--others", "--exclude-standard", "--", ".changeset")
  ]
  return lists.flatMap((list) => list?.split("\n") ?? []).filter((file) => file !== "")
}

/** The packages that a changeset is about: the keys of its front matter. */
export const packagesOf = (changeset: string): ReadonlyArray<string> => {
  const front = /^---\n([\s\S]*?)\n---/.exec(changeset)?.[1] ?? ""
  return [...front.matchAll(/^["']?([^"'\s:]+)["']?:\s*(?:major|minor|patch)\s*$/gm)].map(([, name]) => name ?? "")
}

/** One sentence for each package whose report changed and that no changeset among the changes names. */
export const withoutChangeset = (
  changed: ReadonlyArray<string>,
  nameOfReport: ReadonlyMap<string, string>,
  read: (file: string) => string
): ReadonlyArray<string> => {
  const changesets = changed.filter((file) => /^\.changeset\/(?!README)[^/]+\.md$/.test(file))
  const named = new Set(changesets.flatMap((file) => packagesOf(read(file))))
  return changed.flatMap((file) => {
    const name = nameOfReport.get(file)
    if (name === undefined || named.has(name)) return []
    return [
      `${file} has changed, and no changeset of this branch names ${name}: run \`npm run pnpm -- changeset\`, or write one into .changeset/.`
    ]
  })
}

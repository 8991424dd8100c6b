/** What the changesets would make of versions and changelogs, without making it. */
import { mkdtemp, readFile, rm } from "node:fs/promises"
import path from "node:path"
import { installed, program } from "../Step.ts"
import { published, root } from "../workspace.ts"
import type { Check, Result } from "./Check.ts"

export interface ReleasePlan {
  readonly changesets: ReadonlyArray<{
    readonly id: string
    readonly summary: string
    readonly releases: ReadonlyArray<{ readonly name: string }>
  }>
  readonly releases: ReadonlyArray<{
    readonly name: string
    readonly type: string
    readonly oldVersion: string
    readonly newVersion: string
  }>
}

/** What of a plan would make a bad changelog. `names` are the packages that are published. */
export const judgePlan = ({ changesets, releases }: ReleasePlan, names: ReadonlyArray<string>): Result => {
  const own = releases.filter(({ name, type }) => names.includes(name) && type !== "none")
  const versions = [...new Set(own.map(({ newVersion }) => newVersion))]
  const problems = [
    ...(changesets.length === 0 ? ["there is no changeset in .changeset/, so there is nothing to release"] : []),
    ...changesets.filter(({ summary }) => !/\w/.test(summary)).map(({ id }) => `.changeset/${id}.md says nothing`),
    ...(versions.length > 1 ? [`the packages would get different versions: ${versions.join(", ")}`] : []),
    ...names
      .filter((name) => versions.length > 0 && !own.some((release) => release.name === name))
      .map((name) => `${name} would stay behind: every package has the one version`)
  ]
  return { found: `${changesets.length} changesets, ${own[0]?.oldVersion} → ${versions.join(", ")}`, problems }
}

export const changelog: Check = {
  name: "changelog",
  about: "what the changesets would make of versions and changelogs",
  run: async () => {
    // the file must be named relative to the workspace
    const folder = await mkdtemp(path.join(root, ".toolchain", "release-"))
    try {
      const file = path.join(folder, "plan.json")
      const { code, output } = await program(installed("changeset"), [
        "status",
        `--output=${path.relative(root, file)}`
      ])
      if (code !== 0) return { found: "", problems: [output] }
      const plan = JSON.parse(await readFile(file, "utf8")) as ReleasePlan
      return judgePlan(
        plan,
        published().map(({ manifest }) => manifest.name)
      )
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

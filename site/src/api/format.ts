/** Formats declarations as the workspace formats code, but narrower: with Biome, all files in one run. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { installed, program } from "../../../scripts/Step.ts"

const configuration = {
  root: true,
  vcs: { enabled: false },
  files: { maxSize: 8_000_000 },
  formatter: { indentStyle: "space", indentWidth: 2, lineWidth: 84 },
  javascript: { formatter: { semicolons: "asNeeded", trailingCommas: "none" } }
}

/** Between two declarations in a file; a comment, so that the formatter leaves it alone. */
const seam = "//#seam"

/**
 * Formats every declaration of every list. Each list is one file on its way. What does not come back as so many
 * declarations as it went stays as it was.
 */
export const format = async (
  folder: string,
  lists: ReadonlyArray<ReadonlyArray<string>>
): Promise<ReadonlyArray<ReadonlyArray<string>>> => {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, "biome.json"), JSON.stringify(configuration))
  const fileOf = (index: number): string => path.join(folder, `${index}.d.ts`)
  await Promise.all(lists.map((list, i) => writeFile(fileOf(i), list.join(`\n${seam}\n`))))
  const { code, output } = await program(installed("biome"), ["format", "--write", "--colors=off", "."], {
    cwd: folder
  })
  if (code !== 0) throw new Error(`Biome could not format the declarations:\n${output.trim()}`)
  return Promise.all(
    lists.map(async (list, i) => {
      const pieces = (await readFile(fileOf(i), "utf8")).split(seam).map((piece) => piece.trim())
      return pieces.length === list.length ? pieces : list
    })
  )
}

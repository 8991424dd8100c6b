/** What is asked of the packages as they would be published. */
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { publint } from "publint"
import { formatMessage } from "publint/utils"
import { changedFiles, withoutChangeset } from "../api/changes.ts"
import { differences, freshReports, keptReports, reportOf } from "../api.ts"
import { pack } from "../pack.ts"
import { program } from "../Step.ts"
import { vitest } from "../vitest.ts"
import { published, root } from "../workspace.ts"
import type { Check } from "./Check.ts"

export const clean: Check = {
  name: "tree",
  about: "nothing is changed and not committed",
  run: async () => {
    const { code, output } = await program("git", ["status", "--porcelain"], { cwd: root })
    if (code !== 0) return { found: "", problems: [output] }
    const files = output.split("\n").filter((line) => line !== "")
    return {
      found: "everything is committed",
      problems: files.length === 0 ? [] : [`${files.length} files are not committed: ${files.slice(0, 5).join(", ")}`]
    }
  }
}

export const api: Check = {
  name: "API",
  about: "the reports in api/ are those of the packages, and changes have changesets",
  run: async () => {
    const names = new Map(published().map((pkg) => [reportOf(pkg), pkg.manifest.name]))
    const read = (file: string): Promise<string> => readFile(path.join(root, file), "utf8")
    const changed = await changedFiles()
    const texts = new Map(await Promise.all(changed.map(async (file) => [file, await read(file)] as const)))
    return {
      found: `${names.size} reports are as the packages are`,
      problems: [
        ...differences(keptReports(), await freshReports()),
        ...withoutChangeset(changed, names, (file) => texts.get(file) ?? "")
      ]
    }
  }
}

export const lint: Check = {
  name: "package lint",
  about: "publint on each tarball",
  run: async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "mortise-release-"))
    try {
      const problems: Array<string> = []
      const tarballs = await pack(folder)
      for (const { file, pkg } of tarballs) {
        const bytes = await readFile(file)
        const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
        const { messages, pkg: manifest } = await publint({ pack: { tarball }, level: "warning", strict: true })
        for (const message of messages) {
          problems.push(
            `${pkg.manifest.name}: ${formatMessage(message, manifest ?? {}, { color: false }) ?? message.code}`
          )
        }
      }
      return { found: `${tarballs.length} tarballs have nothing to mend`, problems }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

export const alone: Check = {
  name: "each tarball alone",
  about: "installed into an empty app, imported, type-checked, its programs started (test/pack.test.ts)",
  run: async () => {
    const { failed, passed } = await vitest(["test/pack.test.ts"])
    return {
      found: `${passed} tests passed`,
      problems:
        failed === 0
          ? []
          : [`${failed} of ${passed + failed} tests of test/pack.test.ts failed; what they said is above`]
    }
  }
}

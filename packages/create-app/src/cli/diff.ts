import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { styleText } from "node:util"
import * as TextDiff from "effect/TextDiff"
import { lockPath } from "../workspace/Lock.ts"
import type { Change, Plan } from "../workspace/Plan.ts"

/** One change as a unified diff; bytes that are no text are named only. */
export const diffOf = (change: Change, before: string): string => {
  if (change.encoding === "base64") return `Binary file ${change.path} (${change.bytes.length} bytes)\n`
  const [fromFile, toFile] = [`a/${change.path}`, `b/${change.path}`]
  return TextDiff.unified(TextDiff.lines(before, change.content), {
    fromFile: change.kind === "create" ? "/dev/null" : fromFile,
    toFile: change.kind === "delete" ? "/dev/null" : toFile
  })
}

/** What a plan changes, with the diff of each; the generator's own record is left out. */
export const diffs = async (plan: Plan) =>
  Promise.all(
    plan.changes
      .filter(({ path }) => path !== lockPath)
      .map(async (change) => ({
        change,
        diff: diffOf(change, change.before === null ? "" : await readFile(join(plan.root, change.path), "utf8"))
      }))
  )

/** A diff in the colours of the terminal, if it has any. */
export const coloured = (diff: string): string =>
  diff
    .split("\n")
    .map((line) =>
      /^(?:---|\+\+\+) /.test(line)
        ? styleText("bold", line)
        : line.startsWith("+")
          ? styleText("green", line)
          : line.startsWith("-")
            ? styleText("red", line)
            : line.startsWith("@@")
              ? styleText("cyan", line)
              : line
    )
    .join("\n")

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

/** A change with the diff of its file. */
export interface Diff {
  readonly change: Change
  readonly diff: string
  /** Lines of the file before. */
  readonly lines: number
}

/** What a plan changes. */
export const diffs = async (plan: Plan): Promise<ReadonlyArray<Diff>> =>
  Promise.all(
    plan.changes.map(async (change) => {
      const before = change.before === null ? "" : await readFile(join(plan.root, change.path), "utf8")
      return {
        change,
        diff: diffOf(change, before),
        lines: before.match(/^.*\n?/gm)?.filter((line) => line !== "").length ?? 0
      }
    })
  )

/** A change for people to read; of a file that goes, and of the generator's own record, the content says nothing to them. */
export const shown = ({ change: { kind, path }, diff, lines }: Diff): string => {
  if (kind === "delete") return styleText("red", `delete ${path} (${lines} ${lines === 1 ? "line" : "lines"})`)
  return path === lockPath ? styleText("dim", `${kind} ${path}`) : coloured(diff).trimEnd()
}

/** A diff in the colours of the terminal, if it has any. */
const coloured = (diff: string): string =>
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

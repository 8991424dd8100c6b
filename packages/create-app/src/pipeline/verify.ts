import { builtinModules } from "node:module"
import { posix } from "node:path"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import { isCode, open } from "../template/CodeProject.ts"
import { defaultSentinel, stylesOf } from "../template/Sentinel.ts"
import type { Change } from "../workspace/Plan.ts"
import type { Planned, Verified } from "./Stage.ts"

/** The plan would make an app that cannot work. Nothing was written; the template has to be mended. */
export class PlanInvalid extends Errors.make<PlanInvalid>()(
  "PlanInvalid",
  { component: "create-app", code: "CREATE_PLAN_INVALID", status: 500 },
  {
    template: Schema.String,
    problems: Schema.Array(Schema.String)
  }
) {
  override get message() {
    return `Nothing was written: the template ${this.template} makes files that cannot work.\n${this.problems.map((problem) => `  ${problem}`).join("\n")}`
  }
}

/** Checks the plan's files as they will be: they parse, and nothing in them needs the workspace they came from. */
export const verify = Effect.fnUntraced(function* (planned: Planned) {
  const problems = yield* Effect.promise(() => problemsOf(planned))
  if (problems.length > 0) {
    return yield* new PlanInvalid({ template: planned.template.manifest.name, problems })
  }
  const verified: Verified = { ...planned, verified: true }
  return verified
})

const problemsOf = async (planned: Planned): Promise<ReadonlyArray<string>> => {
  const texts = planned.plan.changes.filter((change) => change.encoding === "utf8")
  const problems = texts.flatMap((change) => [...jsonProblems(change), ...nameProblems(change, planned)])
  const packageJson = texts.find((change) => change.path === "package.json")
  const declared = packageJson === undefined ? new Set<string>() : dependenciesOf(packageJson.content)
  if (packageJson === undefined) problems.push("package.json: missing")

  const paths = new Set(planned.plan.changes.map((change) => change.path))
  const project = await open(
    texts.filter(({ path }) => isCode(path)).map(({ content, path }) => ({ path, text: content }))
  )
  for (const file of project.getSourceFiles()) {
    const path = file.getFilePath().slice(1)
    for (const diagnostic of project.getProgram().getSyntacticDiagnostics(file)) {
      const message = diagnostic.getMessageText()
      problems.push(
        `${path}:${diagnostic.getLineNumber() ?? 0}: ${typeof message === "string" ? message : message.getMessageText()}`
      )
    }
    for (const literal of file.getImportStringLiterals()) {
      const problem = importProblem(path, literal.getLiteralValue(), declared, paths)
      if (problem !== undefined) problems.push(problem)
    }
  }
  return problems
}

const jsonProblems = (change: Change): ReadonlyArray<string> => {
  if (/(^|\/)tsconfig[^/]*\.json$/.test(change.path)) {
    const outside = /"extends"\s*:\s*"(\.\.\/[^"]*)"/.exec(change.content)?.[1]
    return outside !== undefined && posix.normalize(posix.join(posix.dirname(change.path), outside)).startsWith("../")
      ? [`${change.path}: extends ${outside}, a file outside the app`]
      : []
  }
  if (!change.path.endsWith(".json")) return []
  try {
    JSON.parse(change.content)
  } catch (cause) {
    return [`${change.path}: ${cause instanceof Error ? cause.message : String(cause)}`]
  }
  const tie =
    change.path === "package.json" ? /"[^"]*":\s*"(?:workspace|catalog|link|file):[^"]*"/.exec(change.content) : null
  return tie === null ? [] : [`package.json: ${tie[0]} is a tie to the workspace`]
}

/** What is left of the template's own name, unless the app is called so. */
const nameProblems = (change: Change, planned: Planned): ReadonlyArray<string> => {
  const from = stylesOf(planned.template.manifest.sentinel ?? defaultSentinel)
  const to = stylesOf(planned.name)
  const line = change.content
    .split("\n")
    .findIndex((text) => [from.kebab, from.pascal, from.camel, from.constant].some((word) => text.includes(word)))
  const harmless = [from.kebab, from.camel, from.pascal].some(
    (word) => to.kebab.includes(word) || to.pascal.includes(word)
  )
  return line === -1 || harmless ? [] : [`${change.path}:${line + 1}: the template's own name is left in it`]
}

const dependenciesOf = (source: string): Set<string> => {
  const content = JSON.parse(source) as Record<string, Record<string, string> | undefined>
  return new Set(
    ["dependencies", "devDependencies", "peerDependencies"].flatMap((section) => Object.keys(content[section] ?? {}))
  )
}

const importProblem = (
  path: string,
  specifier: string,
  declared: ReadonlySet<string>,
  paths: ReadonlySet<string>
): string | undefined => {
  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(path), specifier)
    return paths.has(target) ? undefined : `${path}: imports ${specifier}, which is not a file of the app`
  }
  if (/^[a-z]+:/.test(specifier) || specifier.startsWith("/") || specifier.startsWith("#")) return undefined
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/")
  return declared.has(name) || builtinModules.includes(name)
    ? undefined
    : `${path}: imports ${name}, which package.json does not declare`
}

/** What `npm test -- …` may be asked, read and explained. */
import { parseArgs } from "node:util"
import { tagNames, tags } from "./tags.ts"

export interface TestArguments {
  /** Parts of file names; with `coverage`, of package folders. */
  readonly filters: ReadonlyArray<string>
  readonly fast: boolean
  readonly tags: ReadonlyArray<string>
  /** A part, or a regular expression, of the full name of a test. */
  readonly name: string | undefined
  readonly coverage: boolean
  readonly help: boolean
}

export const help = `npm test [-- [OPTIONS] [FILTER …]]

Without arguments: type-check, lint, every test, and the unattended start; this is what CI runs.
The last line is always "N passed, N failed".

  FILTER …        only test files whose path contains one of the filters
  -t NAME         only tests whose name matches NAME (a regular expression)
  --fast          only what needs no service, browser, other program or installation
  --tag TAG       only test files with this tag; given again, files with any of them
  --coverage      run each package's own tests and measure what they reach; FILTER chooses packages.
                  Floors are in scripts/coverage.ts, the pages in coverage/<package>/index.html
  --help          this text

Tags:
${tagNames.map((tag) => `  ${tag.padEnd(15)} ${tags[tag]}`).join("\n")}

One test may take 30 s; vitest.config.ts says why, and a test that needs longer says so where it stands.`

const options = {
  fast: { type: "boolean", default: false },
  tag: { type: "string", multiple: true, default: [] as Array<string> },
  testNamePattern: { type: "string", short: "t" },
  coverage: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false }
} as const

const known = "-t NAME, --fast, --tag TAG, --coverage, --help"

/** Reads the arguments; what cannot be read is an `Error` that says what may be. */
export const readTestArguments = (args: ReadonlyArray<string>): TestArguments | Error => {
  let read: ReturnType<typeof parse>
  try {
    read = parse(args)
  } catch (error) {
    const { code, message } = error as Error & { readonly code?: string }
    const flag = /'(-[^' ]+)/.exec(message)?.[1] ?? "an option"
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") return new Error(`there is no option ${flag}. There are ${known}.`)
    return new Error(`${flag} is not used rightly: ${message.split(". ")[0]}. The options are ${known}.`)
  }
  const { values, positionals } = read
  const strange = values.tag.find((tag) => !(tagNames as ReadonlyArray<string>).includes(tag))
  if (strange !== undefined) return new Error(`there is no tag "${strange}". There are ${tagNames.join(", ")}.`)
  if (values.coverage && (values.fast || values.tag.length > 0 || values.testNamePattern !== undefined)) {
    return new Error(
      "--coverage runs whole packages; it goes with the names of packages, not with -t, --fast or --tag."
    )
  }
  return {
    filters: positionals,
    fast: values.fast,
    tags: values.tag,
    name: values.testNamePattern,
    coverage: values.coverage,
    help: values.help
  }
}

const parse = (args: ReadonlyArray<string>) =>
  parseArgs({ args: [...args], options, strict: true, allowPositionals: true })

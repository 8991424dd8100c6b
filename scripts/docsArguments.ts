/** The arguments of `npm run docs`. */

export interface DocsArguments {
  /** Runs the tests of the pages first. */
  readonly tests: boolean
  readonly serve: boolean
  /** 0: a free one. */
  readonly port: number
}

export const usage = "npm run docs [-- --site | --serve [--port N]]"

/** Arguments that are not understood; the message says which, and what would be. */
export class WrongArguments extends Error {
  override readonly name = "WrongArguments"
}

const wrong = (what: string): never => {
  throw new WrongArguments(`${what}. Usage: ${usage}`)
}

const portOf = (text: string | undefined): number => {
  const port = Number(text)
  if (text === undefined || !/^\d+$/.test(text) || port > 65_535) {
    return wrong(`--port takes a number from 0 to 65535, not ${text === undefined ? "nothing" : `"${text}"`}`)
  }
  return port
}

/** Reads the arguments; fails with `WrongArguments`. */
export const docsArguments = (args: ReadonlyArray<string>): DocsArguments => {
  let site = false
  let serve = false
  let port: number | undefined
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? ""
    if (arg === "--site") site = true
    else if (arg === "--serve") serve = true
    else if (arg === "--port") port = portOf(args[++i])
    else if (arg.startsWith("--port=")) port = portOf(arg.slice("--port=".length))
    else wrong(`there is no "${arg}"`)
  }
  if (port !== undefined && !serve) wrong("--port goes with --serve")
  return { tests: !site && !serve, serve, port: port ?? 0 }
}

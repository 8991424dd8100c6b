/** Commands that a package of the app brings, run as a program of their own in the app's folder. */
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, resolve } from "node:path"
import { exitCodes } from "./ExitCode.ts"

/** What the package exports as a program, by the name of the command. */
export interface AppCommand {
  readonly package: string
  readonly summary: string
  /** Whether the program knows several commands, and is told which. */
  readonly named?: boolean
}

const ofAdmin = (summary: string): AppCommand => ({ package: "@mortise/plugin-admin", summary, named: true })

export const appCommands = {
  config: { package: "@mortise/config", summary: "Prints, checks and sets the configuration of an app" },
  info: ofAdmin("What the app that runs here does"),
  clients: ofAdmin("Who is connected to the app that runs here"),
  close: ofAdmin("Closes a connection of the app that runs here"),
  level: ofAdmin("What the app that runs here writes to its log"),
  listen: ofAdmin("The log of the app that runs here, as it comes"),
  call: ofAdmin("Sends a message to the app that runs here, as a client would"),
  profile: ofAdmin("Profiles the app that runs here: CPU, heap, allocations"),
  stop: ofAdmin("Stops the app that runs here")
} as const satisfies Readonly<Record<string, AppCommand>>

/** Runs the command with the terminal of this one; gives its exit code. */
export const runAppCommand = async (name: string, args: ReadonlyArray<string>): Promise<number> => {
  const program: AppCommand | undefined = Object.hasOwn(appCommands, name)
    ? appCommands[name as keyof typeof appCommands]
    : undefined
  if (program === undefined) throw new Error(`no such command: ${name}`)
  const cwd = resolve(".")
  let file: string
  try {
    const found = createRequire(join(cwd, "package.json")).resolve(`${program.package}/package.json`)
    const { bin } = JSON.parse(readFileSync(found, "utf8")) as { readonly bin: Readonly<Record<string, string>> }
    file = join(dirname(found), Object.values(bin)[0] ?? "")
  } catch {
    process.stderr.write(
      `✗ ${cwd} has no ${program.package}, which brings \`mortise ${name}\`.\n` +
        `  Go to the folder of an app, or install it there: npm install ${program.package}\n`
    )
    return exitCodes.usage
  }
  // the program gets Ctrl+C from the terminal itself, and this one waits for what it makes of it
  process.on("SIGINT", () => {})
  const child = spawn(process.execPath, [file, ...(program.named === true ? [name] : []), ...args], {
    stdio: "inherit"
  })
  return new Promise((done) => {
    child.once("error", (error) => {
      process.stderr.write(`✗ ${error.message}\n`)
      done(exitCodes.failed)
    })
    child.once("exit", (code) => done(code ?? exitCodes.failed))
  })
}

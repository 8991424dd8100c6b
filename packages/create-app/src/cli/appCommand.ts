/** Commands that a package of the app brings, run as a program of their own in the app's folder. */
import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import { join, resolve } from "node:path"
import { exitCodes } from "./ExitCode.ts"

/** What the package exports as a program, by the name of the command. */
export const appCommands: Readonly<Record<string, { readonly package: string; readonly summary: string }>> = {
  config: { package: "@mortise/config", summary: "Prints, checks and sets the configuration of an app" }
}

/** Runs the command with the terminal of this one; gives its exit code. */
export const runAppCommand = async (name: string, args: ReadonlyArray<string>): Promise<number> => {
  const program = appCommands[name]
  if (program === undefined) throw new Error(`no such command: ${name}`)
  const cwd = resolve(".")
  let file: string
  try {
    file = createRequire(join(cwd, "package.json")).resolve(`${program.package}/bin`)
  } catch {
    process.stderr.write(
      `✗ ${cwd} has no ${program.package}, which brings \`mortise ${name}\`.\n` +
        `  Go to the folder of an app, or install it there: npm install ${program.package}\n`
    )
    return exitCodes.usage
  }
  const child = spawn(process.execPath, [file, ...args], { stdio: "inherit" })
  return new Promise((done) => {
    child.once("error", (error) => {
      process.stderr.write(`✗ ${error.message}\n`)
      done(exitCodes.failed)
    })
    child.once("exit", (code) => done(code ?? exitCodes.failed))
  })
}

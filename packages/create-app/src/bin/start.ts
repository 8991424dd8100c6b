import * as Module from "node:module"

/** The Node that an app needs, as in `engines` of the packages. */
const needed = [24, 7] as const

/**
 * Starts a command: checks the version of Node before anything is loaded that needs it, and keeps compiled code between
 * runs.
 */
export const start = (name: "mortise" | "create-mortise"): void => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
    process.stderr.write(`Mortise needs Node ${needed.join(".")} or newer; this is ${process.versions.node}.\n`)
    process.exitCode = 1
    return
  }
  Module.enableCompileCache?.()
  void import("../cli/main.ts").then(({ main }) => main(name, process.argv.slice(2)))
}

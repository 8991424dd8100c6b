import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import { lastLines, run } from "./Command.ts"
import { installCommand, type PackageManager } from "./PackageManager.ts"

/** The app stands, but its dependencies are not installed. */
export class InstallFailed extends Errors.make<InstallFailed>()(
  "InstallFailed",
  { component: "create-app", code: "CREATE_INSTALL_FAILED", status: 500 },
  {
    directory: Schema.String,
    command: Schema.String,
    reason: Schema.String
  }
) {
  override get message() {
    return `The files in ${this.directory} are written, but the dependencies are not installed.\n${this.reason}\nMend that and run \`${this.command}\` there.`
  }
}

/** Installs an app's dependencies; with `inherit` the package manager shows its own progress on the terminal. */
export const install = Effect.fnUntraced(function* (
  directory: string,
  manager: PackageManager,
  options: { readonly inherit: boolean }
) {
  const command = installCommand(manager)
  // package.json has just changed: with CI set, pnpm would hold its lock file against it and refuse
  const whole = manager === "pnpm" ? ([...command, "--no-frozen-lockfile"] as const) : command
  const outcome = yield* run(whole, { cwd: directory, inherit: options.inherit })
  if (outcome.code === 0) return
  return yield* new InstallFailed({
    directory,
    command: command.join(" "),
    reason:
      outcome.code === undefined
        ? `${manager} could not be started: is it installed? Another can be chosen with --package-manager.`
        : `${command.join(" ")} ended with code ${outcome.code}.${outcome.output === "" ? "" : `\n${lastLines(outcome.output, 20)}`}`
  })
})

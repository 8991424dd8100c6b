import * as Flag from "effect/cli/Flag"
import * as PackageManager from "../project/PackageManager.ts"

/** Flags of the command itself, which no template may take for a question. */
export const ownFlags = {
  template: Flag.String("template").pipe(Flag.withAlias("t"), Flag.withMetavar("name"), Flag.optional),
  name: Flag.String("name").pipe(
    Flag.withDescription("The package's name; default: made from the directory"),
    Flag.optional
  ),
  packageManager: Flag.Literals("package-manager", PackageManager.names).pipe(
    Flag.withDescription("Who installs; default: the one that runs this command, else npm"),
    Flag.optional
  ),
  install: Flag.Boolean("install").pipe(
    Flag.withDescription("Install the dependencies (--no-install: leave that out)"),
    Flag.optional
  ),
  git: Flag.Boolean("git").pipe(
    Flag.withDescription("Make a git repository with a first commit (--no-git: leave that out)"),
    Flag.optional
  ),
  yes: Flag.Boolean("yes").pipe(
    Flag.withAlias("y"),
    Flag.withDescription("Ask nothing: defaults for everything that is not given"),
    Flag.withDefault(false)
  ),
  dryRun: Flag.Boolean("dry-run").pipe(Flag.withDescription("Show the plan, write nothing"), Flag.withDefault(false)),
  json: Flag.Boolean("json").pipe(
    Flag.withDescription("One JSON object on standard output and nothing else there; asks nothing"),
    Flag.withDefault(false)
  ),
  cwd: Flag.String("cwd").pipe(
    Flag.withMetavar("directory"),
    Flag.withDescription("What relative paths start from; default: the current directory"),
    Flag.optional
  )
}

/** Plugins by name. */
export const withFlag = Flag.String("with").pipe(Flag.withMetavar("name,…"), Flag.between(0, 100))

/** `orm,tasks` and `orm tasks` are the same. */
export const words = (given: ReadonlyArray<string>): ReadonlyArray<string> =>
  given.flatMap((text) => text.split(",")).filter((word) => word !== "")

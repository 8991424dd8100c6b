/**
 * The pipeline of `create`: `input → resolved → loaded → checked → configured → planned → verified → applied`. Each stage
 * is a type of its own, so that a step cannot run before the one it stands on.
 */

import type { KnownPlugin } from "../plugin/KnownPlugin.ts"
import type { PackageManager } from "../project/PackageManager.ts"
import type { Json } from "../template/Template.ts"
import type { LoadedTemplate, TemplateEntry } from "../template/Templates.ts"
import type { Plan } from "../workspace/Plan.ts"

/** What the command line said; whatever is left out is asked for, made from something else or a default. */
export interface Input {
  readonly directory: string | undefined
  readonly template: string | undefined
  readonly name: string | undefined
  readonly packageManager: PackageManager | undefined
  /** Answers to a template's questions, by flag. */
  readonly answers: Readonly<Record<string, string | number | boolean>>
  /** Plugins to add, by name. */
  readonly with: ReadonlyArray<string>
  readonly install: boolean | undefined
  readonly git: boolean | undefined
  readonly yes: boolean
  readonly dryRun: boolean
  readonly cwd: string
  /** Whether a question may be asked: a terminal on both sides, no `--yes`, no `--json`. */
  readonly canAsk: boolean
  /** `npm_config_user_agent`, which names the package manager that started the process. */
  readonly userAgent: string | undefined
}

/** Where, from what, with what. */
export interface Resolved {
  readonly input: Input
  /** Absolute. */
  readonly directory: string
  readonly entry: TemplateEntry | LoadedTemplate
  readonly packageManager: PackageManager
}

/** The template's files are at hand. */
export interface Loaded extends Resolved {
  readonly template: LoadedTemplate
}

/** What an interrupted run left in the directory: files that are ours, byte for byte. */
export interface Leftover {
  /** Relative to the directory. */
  readonly files: ReadonlyArray<string>
}

/** The directory takes an app, the name can be a package's, the flags belong to the template. */
export interface Checked extends Loaded {
  readonly name: string
  readonly leftover: Leftover | undefined
}

/** Every question is answered. */
export interface Configured extends Checked {
  /** To be added, each with those that provide what it needs. */
  readonly plugins: ReadonlyArray<KnownPlugin>
  /** Those of them that were not chosen, but are needed by others. */
  readonly also: ReadonlyArray<KnownPlugin>
  /** Every plugin that could be. */
  readonly known: ReadonlyArray<KnownPlugin>
  /** By the answer's name. */
  readonly answers: Readonly<Record<string, Json>>
  readonly install: boolean
  readonly git: boolean
}

/** Every file is known, none is written. */
export interface Planned extends Configured {
  /** The template's own commands to show when the app stands, written for npm. */
  readonly next: ReadonlyArray<{ readonly command: string; readonly purpose: string }>
  readonly plan: Plan
}

/** The plan's files parse, depend on declared packages only, and nothing of the template's own name is left in them. */
export interface Verified extends Planned {
  readonly verified: true
}

/** The files are on the disk. */
export interface Applied extends Verified {
  readonly applied: true
}

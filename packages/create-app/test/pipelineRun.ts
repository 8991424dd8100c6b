import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { check } from "../src/pipeline/check.ts"
import { configure } from "../src/pipeline/configure.ts"
import { load } from "../src/pipeline/load.ts"
import { plan } from "../src/pipeline/plan.ts"
import { resolve } from "../src/pipeline/resolve.ts"
import type { Input } from "../src/pipeline/Stage.ts"
import { verify } from "../src/pipeline/verify.ts"
import * as Templates from "../src/template/Templates.ts"
import { known, pluginsOf } from "./pluginFixture.ts"

/** An input with nothing asked for: `--yes`. */
export const input = (given: Partial<Input> & Pick<Input, "cwd">): Input => ({
  directory: undefined,
  template: undefined,
  name: undefined,
  packageManager: undefined,
  answers: {},
  with: [],
  install: false,
  git: false,
  yes: true,
  dryRun: false,
  canAsk: false,
  userAgent: undefined,
  ...given
})

/** Node's services and no templates but those given by folder. */
export const services = Layer.mergeAll(NodeServices.layer, Templates.layerFolders(Effect.succeed([])), pluginsOf(known))

/** The pipeline up to a verified plan. */
export const planFor = (given: Input) =>
  resolve(given).pipe(
    Effect.flatMap(load),
    Effect.flatMap(check),
    Effect.flatMap(configure),
    Effect.flatMap(plan),
    Effect.flatMap(verify)
  )

/** The files of a verified plan, by path. */
export const filesFor = (given: Input) =>
  Effect.map(
    planFor(given),
    (verified): Readonly<Record<string, string>> =>
      Object.fromEntries(verified.plan.changes.map((change) => [change.path, change.content]))
  )

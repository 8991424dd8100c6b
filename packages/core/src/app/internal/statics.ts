import type { Point } from "../Contribution.ts"
import type { Statics } from "../Installed.ts"
import type { Any } from "../Plugin.ts"

/** What plugins contribute as data, in the order of the plugins. */
export const staticsOf =
  (plugins: ReadonlyArray<Any>): Statics =>
  <A>(point: Point<string, A, string>) =>
    plugins.flatMap((plugin) =>
      plugin.contributes
        .filter((contribution) => contribution.kind === "static" && contribution.point === point.name)
        .map((contribution) => ({ plugin: plugin.name, value: contribution.value as A }))
    )

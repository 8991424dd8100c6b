import * as Effect from "effect/Effect"
import type { App, PackageJson } from "../evolve/App.ts"
import { planEvolution } from "../evolve/plan.ts"
import * as PackageManager from "../project/PackageManager.ts"
import { render } from "../template/render.ts"
import { version } from "../Version.ts"
import * as Lock from "../workspace/Lock.ts"
import { Workspace } from "../workspace/Workspace.ts"
import type { Configured, Planned } from "./Stage.ts"

/** Ignored by git in an app whose template does not say. */
const ignored = "node_modules/\ndist/\ncoverage/\ndata/\n*.log\n*.tsbuildinfo\n.env\n"

/** Computes every file of the app; writes none. */
export const plan = Effect.fnUntraced(
  function* (configured: Configured) {
    const { also, answers, name, packageManager, plugins, template } = configured
    const { manifest } = template
    const workspace = yield* Workspace
    const rendered = yield* render(template, { name, answers, has: () => false })
    for (const { content, executable, path } of rendered.files.values()) {
      yield* workspace.write(path, content, { executable })
    }
    if ((yield* workspace.read(".gitignore")) === undefined) yield* workspace.write(".gitignore", ignored)
    const settings = PackageManager.settingsFile(packageManager)
    if (settings !== undefined) yield* workspace.write(settings.path, settings.content)

    const made = yield* workspace.plan
    const lock = new Lock.Lock({
      schema: 1,
      generator: version,
      template: { name: manifest.name, version: template.version },
      name,
      answers: { ...answers, packageManager },
      files: Lock.filesOf(made.changes, made.owner)
    })
    yield* workspace.write(Lock.lockPath, Lock.print(lock))
    const base = JSON.parse((yield* workspace.read("package.json")) ?? "{}") as PackageJson
    const app: App = { root: made.root, name, packageJson: base, lock, packageManager, template }
    const wish = { app, known: configured.known, add: plugins, also, remove: [], parts: true }
    // the base and `add`, in one plan
    const { parts, plan: all } = yield* planEvolution(wish)
    const planned: Planned = {
      ...configured,
      next: [...(manifest.next ?? []), ...(parts.after?.parts ?? []).flatMap(({ next = [] }) => next)],
      plan: all
    }
    return planned
  },
  (effect, configured) =>
    effect.pipe(
      // a fresh workspace reads nothing from the disk
      Effect.catchTag("PlatformError", Effect.die),
      Effect.provide(
        Workspace.layerFresh(
          configured.directory,
          `${configured.template.manifest.name}@${configured.template.version}`
        )
      )
    )
)

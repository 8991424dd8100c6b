import * as Effect from "effect/Effect"
import * as PackageManager from "../project/PackageManager.ts"
import { render } from "../template/render.ts"
import { version } from "../Version.ts"
import * as Lock from "../workspace/Lock.ts"
import { Plan } from "../workspace/Plan.ts"
import { Workspace } from "../workspace/Workspace.ts"
import type { Configured, Planned } from "./Stage.ts"

/** Ignored by git in an app whose template does not say. */
const ignored = "node_modules/\ndist/\ncoverage/\n*.log\n*.tsbuildinfo\n.env\n"

/** Computes every file of the app; writes none. */
export const plan = Effect.fnUntraced(
  function* (configured: Configured) {
    const { answers, input, name, packageManager, template } = configured
    const { manifest } = template
    const workspace = yield* Workspace
    const rendered = yield* render(template, { name, answers, has: (plugin) => input.with.includes(plugin) })
    for (const { content, executable, path } of rendered.files.values()) {
      yield* workspace.write(path, content, { executable })
    }
    if ((yield* workspace.read(".gitignore")) === undefined) yield* workspace.write(".gitignore", ignored)
    const settings = PackageManager.settingsFile(packageManager)
    if (settings !== undefined) yield* workspace.write(settings.path, settings.content)

    const made = yield* workspace.plan
    yield* workspace.write(
      Lock.lockPath,
      Lock.print(
        new Lock.Lock({
          schema: 1,
          generator: version,
          template: { name: manifest.name, version: template.version },
          name,
          answers: { ...answers, packageManager },
          files: Lock.filesOf(made.changes, made.owner)
        })
      )
    )
    const all = yield* workspace.plan
    // the lock says that the app is whole, so it is the last to be written
    const changes = [...all.changes].sort((a, b) => Number(a.path === Lock.lockPath) - Number(b.path === Lock.lockPath))
    const planned: Planned = {
      ...configured,
      next: [...(manifest.next ?? []), ...rendered.parts.flatMap(({ next = [] }) => next)],
      plan: new Plan({ root: all.root, owner: all.owner, changes })
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

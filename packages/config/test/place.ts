import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const optional = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(schema)

/** Two plugins with all kinds of keys. */
export const app = Plugin.compose(
  Plugin.define({
    name: "http",
    config: Schema.Struct({
      host: optional(Schema.String),
      port: optional(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65_535 }))),
      maxHeaderBytes: optional(Schema.Int),
      compress: optional(Schema.Boolean),
      origins: optional(Schema.Union([Schema.Literal("same"), Schema.Array(Schema.String)])),
      ports: optional(Schema.Array(Schema.Int)),
      labels: optional(Schema.Record(Schema.String, Schema.String)),
      mode: optional(Schema.Literals(["fast", "safe"]))
    })
  })(),
  Plugin.define({
    name: "mail-out",
    config: Schema.Struct({
      password: optional(Schema.RedactedFromValue(Schema.String.check(Schema.isMinLength(8)))),
      relay: optional(Schema.Struct({ url: Schema.String, retries: optional(Schema.Int) }))
    })
  })()
)

/** A folder with files of its own, gone afterwards. */
export const place = (files: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const folder = mkdtempSync(path.join(tmpdir(), "mortise-config-"))
      for (const [name, text] of Object.entries(files)) put(folder, name, text)
      return folder
    }),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )

export const put = (folder: string, name: string, text: string): void => {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
}

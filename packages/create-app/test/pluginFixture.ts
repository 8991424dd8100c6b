import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { EvolveInput } from "../src/evolve/add.ts"
import type { KnownPlugin } from "../src/plugin/KnownPlugin.ts"
import { Plugins } from "../src/plugin/Plugins.ts"
import * as Templates from "../src/template/Templates.ts"
import { temporaryFolder, writeFiles } from "./fixture.ts"

const plugin = (name: string, fields: Partial<KnownPlugin> = {}): KnownPlugin => ({
  name,
  summary: `What ${name} is`,
  from: `@mortise/${name}`,
  factory: name,
  provides: [],
  requires: [],
  package: `@mortise/${name}`,
  version: "0.1.0",
  ...fields
})

/** Plugins as Mortise has them, for tests that need no code of them. */
export const known: ReadonlyArray<KnownPlugin> = [
  plugin("sqlite", {
    aliases: ["orm"],
    package: "@mortise/orm",
    from: "@mortise/orm/SqlitePlugin",
    provides: ["@mortise/core/orm/Orm"]
  }),
  plugin("postgres", {
    package: "@mortise/orm",
    from: "@mortise/orm/PostgresPlugin",
    provides: ["@mortise/core/orm/Orm"]
  }),
  plugin("accounts", { provides: ["@mortise/plugin-accounts/Accounts"] }),
  plugin("tasks", { provides: ["@mortise/core/tasks/Tasks"] }),
  plugin("quiet")
]

export const pluginsOf = (list: ReadonlyArray<KnownPlugin>): Layer.Layer<Plugins> =>
  Layer.succeed(Plugins, Plugins.of({ list: Effect.succeed(list) }))

/** Node's services, no template, and no plugin but those that the app depends on. */
export const appServices = Layer.mergeAll(NodeServices.layer, Templates.layerFolders(Effect.succeed([])), pluginsOf([]))

export const evolveInput = (given: Partial<EvolveInput> & Pick<EvolveInput, "cwd">): EvolveInput => ({
  names: [],
  with: [],
  parts: true,
  check: false,
  install: false,
  yes: false,
  dryRun: false,
  canAsk: false,
  userAgent: undefined,
  ...given
})

/** The workspace's packages that the code of a test app imports. */
const links = (): ReadonlyArray<readonly [name: string, target: string]> => {
  const root = join(import.meta.dirname, "..", "..", "..")
  const own = join(root, "node_modules")
  return [
    ["@mortise/core", join(root, "packages/core")],
    ["effect", join(own, "effect")],
    ["typescript", join(own, "typescript")],
    ["@types/node", join(own, "@types/node")]
  ]
}

/**
 * Packages of strangers: a database, accounts that need one, visits whose manifest does not say that they need one too, mail
 * with a configuration, and one that does not fit.
 */
const packages: Readonly<Record<string, { readonly plugins: ReadonlyArray<object>; readonly code: string }>> = {
  "@acme/database": {
    plugins: [
      {
        name: "database",
        aliases: ["db"],
        summary: "Keeps things",
        from: "@acme/database",
        factory: "database",
        provides: ["@acme/Database"],
        requires: [],
        config: [
          { path: "database.file", env: "DATABASE_FILE", type: "string", default: "data/app.db", doc: "Where it is." }
        ]
      }
    ],
    code: `import * as Plugin from "@mortise/core/app/Plugin"
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
export class Database extends Context.Service<Database, { readonly file: string }>()("@acme/Database") {}
export const database = Plugin.define({
  name: "database",
  config: Schema.Struct({ file: Schema.String }),
  provides: [Database],
  layer: ({ config }) => Layer.succeed(Database, { file: config.file })
})
`
  },
  "@acme/accounts": {
    plugins: [
      {
        name: "accounts",
        summary: "Who is who",
        from: "@acme/accounts/plugin",
        factory: "accounts",
        provides: ["@acme/Accounts"],
        requires: ["@acme/Database"]
      }
    ],
    code: `import * as Plugin from "@mortise/core/app/Plugin"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Database } from "@acme/database"
export class Accounts extends Context.Service<Accounts, { readonly file: string }>()("@acme/Accounts") {}
export const accounts = Plugin.define({
  name: "accounts",
  provides: [Accounts],
  requires: [Database],
  layer: () => Layer.effect(Accounts, Effect.map(Database, ({ file }) => ({ file })))
})
`
  },
  "@acme/visits": {
    plugins: [
      { name: "visits", summary: "Who was here", from: "@acme/visits", factory: "visits", provides: [], requires: [] }
    ],
    code: `import * as Plugin from "@mortise/core/app/Plugin"
import * as Layer from "effect/Layer"
import { Database } from "@acme/database"
export const visits = Plugin.define({ name: "visits", requires: [Database], layer: () => Layer.empty })
`
  },
  "@acme/mail": {
    plugins: [
      {
        name: "mail",
        summary: "Sends letters",
        from: "@acme/mail",
        factory: "mail",
        provides: [],
        requires: [],
        config: [
          { path: "mail.host", env: "MAIL_HOST", type: "string", default: "localhost", doc: "The server." },
          { path: "mail.port", env: "MAIL_PORT", type: "number", default: 25, doc: "Its port." },
          { path: "mail.password", env: "MAIL_PASSWORD", type: "string", doc: "The password.", secret: true }
        ]
      },
      { name: "spam", summary: "Does not fit", from: "@acme/mail", factory: "spam", provides: [], requires: [] }
    ],
    code: `import * as Plugin from "@mortise/core/app/Plugin"
import * as Schema from "effect/Schema"
export const mail = Plugin.define({
  name: "mail",
  config: Schema.Struct({ host: Schema.String, port: Schema.Int, password: Schema.String })
})
export const spam = (_: never) => 1
`
  }
}

/** The files of an app that somebody wrote by hand. */
export const appFiles: Readonly<Record<string, string>> = {
  "package.json": `${JSON.stringify(
    {
      name: "shop",
      type: "module",
      dependencies: {
        "@acme/accounts": "^1.0.0",
        "@acme/database": "^1.0.0",
        "@acme/mail": "^1.0.0",
        "@acme/visits": "^1.0.0",
        "@mortise/core": "^0.1.0",
        effect: "4.1.0"
      }
    },
    null,
    2
  )}\n`,
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      target: "es2024",
      module: "nodenext",
      types: ["node"],
      noEmit: true,
      allowImportingTsExtensions: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true
    },
    include: ["src"]
  }),
  "src/app.ts": `import * as Plugin from "@mortise/core/app/Plugin"
import { http } from "@mortise/core/http/HttpPlugin"

/** The shop. */
export const app = Plugin.compose(
  http() // the page, and more
)
`,
  "src/config.ts": `export const config = {
  // the page
  http: { port: 0 }
}
`,
  "src/main.ts": `import * as App from "@mortise/core/app/App"
import { app } from "./app.ts"
import { config } from "./config.ts"

App.run(app, { name: "shop", config })
`
}

/** An app in a folder of its own, whose packages are there; changes of undefined leave a file out. */
export const appFolder = (changes: Readonly<Record<string, string | undefined>> = {}): string => {
  const root = join(temporaryFolder("app ü"), "shop")
  const files: Record<string, string> = {}
  for (const [path, content] of Object.entries({ ...appFiles, ...changes })) {
    if (content !== undefined) files[path] = content
  }
  writeFiles(root, files)
  installPackages(root)
  return root
}

/** Puts the workspace's packages and those of strangers beside an app. */
export const installPackages = (root: string): void => {
  for (const [name, target] of links()) {
    const link = join(root, "node_modules", name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(target, link)
  }
  for (const [name, { code, plugins }] of Object.entries(packages)) {
    writeFiles(join(root, "node_modules", name), {
      "package.json": JSON.stringify({
        name,
        version: "1.2.3",
        type: "module",
        exports: { ".": "./index.ts", "./plugin": "./index.ts", "./manifest": { default: "./manifest.json" } }
      }),
      "manifest.json": JSON.stringify({ plugins }),
      "index.ts": code
    })
  }
}

/** Every file below a folder but its packages, with its text. */
export const treeOf = (root: string): Record<string, string> => {
  const found: Record<string, string> = {}
  if (!existsSync(root)) return found
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(root.length + 1)
    if (entry.isFile() && !/^(?:node_modules|\.git)\//.test(path)) found[path] = readFileSync(join(root, path), "utf8")
  }
  return found
}

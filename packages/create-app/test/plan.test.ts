import { existsSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { open } from "../src/template/CodeProject.ts"
import * as Lock from "../src/workspace/Lock.ts"
import { temporaryFolder, tinyTemplate } from "./fixture.ts"
import { filesFor, input, planFor, services } from "./pipelineRun.ts"

const tiny = (changes: Readonly<Record<string, string | undefined>> = {}) => {
  const cwd = temporaryFolder()
  const template = tinyTemplate(cwd, changes)
  return { cwd, template, directory: "chat-room" }
}

describe("a plan", () => {
  it.effect("renames the sentinel everywhere, by symbol and by word", () =>
    Effect.gen(function* () {
      const files = yield* filesFor(input(tiny()))
      assert.strictEqual(
        files["src/ChatRoomPlugin.ts"],
        `import { title } from "./config.ts"

/** The service of ChatRoom, see chat-room/README. */
export class ChatRoomError extends Error {
  readonly chatRoom = "chat-room/Error" // chat-room
}
const CHAT_ROOM_LIMIT = 3
type Limits = Pick<ChatRoomError, "chatRoom">
export const chatRoomPlugin = { title, limit: CHAT_ROOM_LIMIT, text: \`\${title} of ChatRoom\` }
export const show = (error: Limits): string => error.chatRoom
`
      )
      assert.include(files["src/main.ts"], `import { ChatRoomError, chatRoomPlugin } from "./ChatRoomPlugin.ts"`)
    }).pipe(Effect.provide(services))
  )

  it.effect("writes the composition root from the manifest", () =>
    Effect.gen(function* () {
      const files = yield* filesFor(input({ ...tiny(), answers: { "tcp-port": 9001, wire: "binary" } }))
      assert.strictEqual(
        files["src/app.ts"],
        `import * as Plugin from "@mortise/core/app/Plugin"
import { http } from "@mortise/core/http/plugin"
import { binary, tcp } from "@mortise/transport-socket"
import { chatRoomPlugin } from "./ChatRoomPlugin.ts"

/** Every layer of chat-room. */
export const app = Plugin.compose(chatRoomPlugin, tcp({ port: 9001 }), binary, http())
`
      )
    }).pipe(Effect.provide(services))
  )

  it.effect("breaks a long composition, one plugin a line, comments above them", () =>
    Effect.gen(function* () {
      const plugins = Array.from({ length: 12 }, (_, index) => ({
        from: "@mortise/core/x",
        name: `plugin${index}`,
        args: [{ nested: [1, { "a-b": null }] }],
        ...(index === 1 ? { comment: "two\nlines" } : {})
      }))
      const manifest = { name: "tiny", summary: "", answers: [], app: { export: "house", plugins } }
      const files = yield* filesFor(input(tiny({ "template.ts": `export default ${JSON.stringify(manifest)}` })))
      const lines = files["src/app.ts"]?.split("\n") ?? []
      assert.deepStrictEqual(lines.slice(2, 9), [
        "",
        "export const house = Plugin.compose(",
        '  plugin0({ nested: [1, { "a-b": null }] }),',
        "  // two",
        "  // lines",
        '  plugin1({ nested: [1, { "a-b": null }] }),',
        '  plugin2({ nested: [1, { "a-b": null }] }),'
      ])
      assert.strictEqual(lines.at(-2), ")")
    }).pipe(Effect.provide(services))
  )

  it.effect("puts answers into their places and keeps the rest of the text", () =>
    Effect.gen(function* () {
      const files = yield* filesFor(input({ ...tiny(), answers: { port: 0, title: "My Chat" } }))
      assert.include(files["src/config.ts"], "export const config = { http: { port: 0 } } as const")
      assert.include(files["src/config.ts"], `export const title = "My Chat"`)
      assert.include(files["config.json"], `"listen": [{ "port": 0, "name": "chat-room" }]`)
      assert.include(files["README.md"], "Open http://localhost:0/ of ChatRoom; 74200 and 1.7420 stay.")
    }).pipe(Effect.provide(services))
  )

  it.effect("leaves out what is omitted and what a condition excludes", () =>
    Effect.gen(function* () {
      const without = yield* filesFor(input(tiny()))
      const withDocker = yield* filesFor(input({ ...tiny(), answers: { docker: true } }))
      assert.notProperty(without, "Dockerfile")
      assert.property(withDocker, "Dockerfile")
      for (const path of ["notes/private.md", "template.ts"]) assert.notProperty(withDocker, path)
    }).pipe(Effect.provide(services))
  )

  it.effect("makes a package.json that is the app's own", () =>
    Effect.gen(function* () {
      const files = yield* filesFor(input({ ...tiny(), name: "@acme/chat" }))
      assert.deepStrictEqual(JSON.parse(files["package.json"] ?? ""), {
        name: "@acme/chat",
        version: "0.0.0",
        private: true,
        type: "module",
        scripts: { start: "node src/main.ts", test: "node --test", chat: "node src/chat.ts" },
        dependencies: { "@mortise/core": "^0.1.0", "@mortise/transport-socket": "^0.1.0" },
        devDependencies: { typescript: "7.0.2" }
      })
    }).pipe(Effect.provide(services))
  )

  it.effect("has the settings that the package manager needs, and a .gitignore", () =>
    Effect.gen(function* () {
      const npm = yield* filesFor(input(tiny({ ".gitignore": undefined })))
      const pnpm = yield* filesFor(input({ ...tiny(), userAgent: "pnpm/12.21.0 npm/? node/v24.21.0 linux x64" }))
      const yarn = yield* filesFor(input({ ...tiny(), packageManager: "yarn", userAgent: "npm/11.0.0" }))
      assert.include(npm[".gitignore"], "node_modules/\n")
      assert.notProperty(npm, "pnpm-workspace.yaml")
      assert.strictEqual(pnpm["pnpm-workspace.yaml"], "allowBuilds:\n  msgpackr-extract: false\n")
      assert.property(yarn, ".yarnrc.yml")
    }).pipe(Effect.provide(services))
  )

  it.effect("ends with the lock file, which records template, answers and every file", () =>
    Effect.gen(function* () {
      const { plan } = yield* planFor(input({ ...tiny(), answers: { port: 9000 } }))
      const last = plan.changes.at(-1)
      assert.strictEqual(last?.path, ".mortise/lock.json")
      const lock = yield* Lock.parse(last?.content)
      assert.deepStrictEqual(lock.template, { name: "tiny", version: "0.1.0" })
      assert.strictEqual(lock.answers.port, 9000)
      assert.deepStrictEqual(
        lock.files.map(({ path, sha256 }) => ({ path, sha256 })),
        plan.changes.slice(0, -1).map(({ path, sha256 }) => ({ path, sha256 }))
      )
    }).pipe(Effect.provide(services))
  )

  it.effect("is the same for the same answers, and writes nothing", () =>
    Effect.gen(function* () {
      const given = input(tiny())
      const first = yield* planFor(given)
      const second = yield* planFor(given)
      assert.deepStrictEqual(first.plan, second.plan)
      assert.isFalse(existsSync(join(given.cwd, "chat-room")))
    }).pipe(Effect.provide(services))
  )

  it.effect.each([
    "map",
    "effect-plugin",
    "new",
    "title",
    "config",
    "tcp",
    "plugin",
    "app",
    "class",
    "mortise-app",
    "3d"
  ])("of an app called %s has no name twice", (name) =>
    Effect.gen(function* () {
      const plugin = "export const title = 1\nexport const mortiseApp = title\nexport class MortiseApp {}\n"
      const manifest = `export default { name: "tiny", summary: "", answers: [], app: { plugins: [
          { from: "./MortiseAppPlugin.ts", name: "mortiseApp" }, { from: "@mortise/transport-socket", name: "tcp" }] } }`
      const files = yield* filesFor(
        input({
          ...tiny({
            "template.ts": manifest,
            "src/MortiseAppPlugin.ts": plugin,
            "src/main.ts": `import { app } from "./app.ts"\nimport { MortiseApp as Same } from "./MortiseAppPlugin.ts"\nconsole.log(app, Same, new Map())\n`
          }),
          name
        })
      )
      const code = Object.entries(files).flatMap(([path, text]) => (path.endsWith(".ts") ? [{ path, text }] : []))
      const project = yield* Effect.promise(() => open(code))
      const doubled = project
        .getPreEmitDiagnostics()
        // duplicate identifier; import conflicts with local declaration; cannot redeclare
        .filter((diagnostic) => [2300, 2440, 2451].includes(diagnostic.getCode()))
        .map((diagnostic) => `${diagnostic.getSourceFile()?.getText()}: ${String(diagnostic.getMessageText())}`)
      assert.deepStrictEqual(doubled, [])
      for (const { text } of code) assert.notMatch(text, /(?:const|class) (?:Map|new|class)\b/)
    }).pipe(Effect.provide(services))
  )
})

const manifestWith = (answer: object, conditions: ReadonlyArray<object> = []): string =>
  `export default ${JSON.stringify({
    name: "tiny",
    summary: "",
    answers: [{ kind: "choice", name: "x", flag: "x", question: "?", default: "a", choices: ["a", "b"], ...answer }],
    app: { plugins: [{ from: "./MortiseAppPlugin.ts", name: "mortiseAppPlugin" }] },
    conditions
  })}`

describe("a broken template is refused before anything is written", () => {
  it.effect.each<[string, Record<string, string | undefined>, RegExp]>([
    ["a syntax error", { "src/main.ts": "const = 1\n" }, /src\/main\.ts:1: /],
    ["an import that is not declared", { "src/main.ts": `import "left-pad/x"\n` }, /left-pad, which package\.json/],
    ["an import outside", { "src/main.ts": `export * from "../../core/x.ts"\n` }, /not a file of the app/],
    [
      "a tsconfig that extends the workspace's",
      { "web/tsconfig.json": `{ "extends": "../../tsconfig.base.json" }` },
      /extends/
    ],
    ["broken JSON", { "config.json": `{ "listen": [{ "port": 7420 }], }` }, /config\.json: /],
    ["an answer without its place", { "src/config.ts": "export const title = 'x'\n" }, /config\.http\.port/],
    [
      "a place with another value",
      { "src/config.ts": "export const config = { http: { port: 1 } }\n" },
      /config\.http\.port/
    ],
    ["no package.json", { "package.json": undefined }, /no package\.json/],
    ["a range of the workspace", { "package.json": `{ "dependencies": { "x": "workspace:*" } }` }, /no pnpm workspace/],
    ["no manifest", { "template.ts": undefined }, /no template\.ts/],
    ["a flag of create itself", { "template.ts": manifestWith({ flag: "name" }) }, /--name is a flag of create itself/],
    ["a choice without its default", { "template.ts": manifestWith({ default: "c" }) }, /the default of x/],
    [
      "a condition on nothing",
      { "template.ts": manifestWith({}, [{ path: "Dockerfile", when: { answer: "y", is: true } }]) },
      /answer y, which no question gives/
    ],
    ["an unknown field", { "template.ts": "export default { name: 'tiny', port: 1 }" }, /port/]
  ])("%s", ([, changes, message]) =>
    Effect.gen(function* () {
      const given = input(tiny(changes))
      const error = yield* Effect.flip(planFor(given))
      assert.match(error.message, message)
      assert.isFalse(existsSync(join(given.cwd, "chat-room")))
    }).pipe(Effect.provide(services))
  )
})

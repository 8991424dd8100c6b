import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { onTestFinished } from "vitest"

/** A new folder of the system's temporary folder, removed when the test ends. */
export const temporaryFolder = (name = "create app ü"): string => {
  const folder = mkdtempSync(join(tmpdir(), `${name} `))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  // a test may look at it as another user
  chmodSync(folder, 0o755)
  return folder
}

/** Writes files below a folder. */
export const writeFiles = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, content)
  }
}

/** The files of a small template that uses every means a template has. */
export const templateFiles: Readonly<Record<string, string>> = {
  "template.ts": `import type { TemplateManifest } from "create-mortise/template"

export default {
  name: "tiny",
  summary: "A template for tests",
  answers: [
    { kind: "port", name: "port", flag: "port", question: "Port?", default: 7420,
      places: [
        { file: "src/config.ts", constant: "config", path: ["http", "port"] },
        { file: "config.json", json: ["listen", 0, "port"] },
        { file: "README.md", text: true }
      ] },
    { kind: "port", name: "tcpPort", flag: "tcp-port", question: "TCP port?", default: 7421 },
    { kind: "choice", name: "wire", flag: "wire", question: "Wire?", default: "json", choices: ["json", "binary"] },
    { kind: "confirm", name: "docker", flag: "docker", question: "Docker?", default: false },
    { kind: "text", name: "title", flag: "title", question: "Title?", default: "Tiny", pattern: "[A-Za-z ]+",
      places: [{ file: "src/config.ts", constant: "title" }] }
  ],
  app: {
    doc: "Every layer of mortise-app.",
    plugins: [
      { from: "./MortiseAppPlugin.ts", name: "mortiseAppPlugin" },
      { from: "@mortise/transport-socket", name: "tcp", args: [{ port: { answer: "tcpPort" } }] },
      { from: "@mortise/transport-socket", name: "binary", when: { answer: "wire", is: "binary" } },
      { from: "@mortise/core/http/plugin", name: "http", args: [] }
    ]
  },
  conditions: [{ path: "Dockerfile", when: { answer: "docker", is: true } }],
  omit: ["notes/"],
  next: [{ command: "npm run chat", purpose: "chat" }]
} satisfies TemplateManifest
`,
  "package.json": JSON.stringify({
    name: "@mortise/template-tiny",
    version: "0.1.0",
    private: true,
    license: "MIT",
    type: "module",
    scripts: { start: "node src/main.ts", test: "node --test", chat: "node src/chat.ts" },
    dependencies: { "@mortise/core": "^0.1.0", "@mortise/transport-socket": "^0.1.0" },
    devDependencies: { "create-mortise": "^0.1.0", typescript: "7.0.2" }
  }),
  "tsconfig.json": `{ "compilerOptions": { "strict": true } }\n`,
  "README.md": "# mortise-app\n\nOpen http://localhost:7420/ of MortiseApp; 74200 and 1.7420 stay.\n",
  "config.json": `{\n  // the doors\n  "listen": [{ "port": 7420, "name": "mortise-app" }]\n}\n`.replace(
    /.*doors\n/,
    ""
  ),
  Dockerfile: "FROM node:24\n",
  ".gitignore": "node_modules/\n",
  "notes/private.md": "not for apps\n",
  "src/app.ts": "export const app = 1\n",
  "src/config.ts": `/** Ports of mortise-app. */
export const config = { http: { port: 7_420 } } as const
export const title = "Tiny"
`,
  "src/MortiseAppPlugin.ts": `import { title } from "./config.ts"

/** The service of MortiseApp, see mortise-app/README. */
export class MortiseAppError extends Error {
  readonly mortiseApp = "mortise-app/Error" // mortise-app
}
const MORTISE_APP_LIMIT = 3
type Limits = Pick<MortiseAppError, "mortiseApp">
export const mortiseAppPlugin = { title, limit: MORTISE_APP_LIMIT, text: \`\${title} of MortiseApp\` }
export const show = (error: Limits): string => error.mortiseApp
`,
  "src/main.ts": `import { app } from "./app.ts"
import { MortiseAppError, mortiseAppPlugin } from "./MortiseAppPlugin.ts"

console.log(app, new MortiseAppError(), mortiseAppPlugin)
`
}

/** Writes the small template, with changes (undefined leaves a file out), and gives its folder. */
export const tinyTemplate = (folder: string, changes: Readonly<Record<string, string | undefined>> = {}): string => {
  const target = join(folder, "tiny")
  const files: Record<string, string> = {}
  for (const [path, content] of Object.entries({ ...templateFiles, ...changes })) {
    if (content !== undefined) files[path] = content
  }
  writeFiles(target, files)
  return target
}

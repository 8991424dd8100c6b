import type { TemplateManifest } from "create-mortise/template"

export default {
  name: "chat",
  summary: "Rooms, names and history over WebSocket, TCP and Unix at once, with a page and a terminal client",
  answers: [
    {
      kind: "port",
      name: "port",
      flag: "port",
      question: "Port of the web page?",
      default: 7420,
      places: [
        { file: "src/config.ts", constant: "port" },
        { file: "README.md", text: true }
      ]
    },
    {
      kind: "port",
      name: "tcpPort",
      flag: "tcp-port",
      question: "Port for TCP?",
      default: 7421,
      places: [
        { file: "src/config.ts", constant: "tcpPort" },
        { file: "README.md", text: true }
      ]
    }
  ],
  app: {
    doc: "Every layer of the app is chosen here.",
    plugins: [
      { from: "@mortise/core/app/LogPlugin", name: "log", args: [] },
      { from: "@mortise/core/http/HttpPlugin", name: "http", args: [] },
      { from: "@mortise/core/transport/GatewayPlugin", name: "gateway", args: [] },
      { from: "@mortise/transport-websocket", name: "websocket", args: [] },
      { from: "@mortise/transport-socket", name: "tcp", args: [] },
      { from: "@mortise/transport-socket", name: "unix", args: [] },
      { from: "./chat/plugin.ts", name: "chat", args: [] },
      { from: "./history/memory.ts", name: "history", args: [] },
      { from: "./page.ts", name: "page", args: [] }
    ]
  },
  parts: [
    {
      with: ["orm"],
      files: [
        "src/history/database.ts",
        "src/history/StoredMessage.ts",
        "docs/history.md",
        "test/database/",
        { from: "test/settings.orm.ts", to: "test/settings.ts" }
      ],
      plugins: [{ from: "./history/database.ts", name: "history", args: [], replaces: "history" }],
      dependencies: ["@mortise/orm"]
    },
    {
      with: ["events"],
      files: ["src/announcements/", "test/announcements.test.ts"],
      plugins: [{ from: "./announcements/plugin.ts", name: "announcements", args: [] }]
    },
    {
      with: ["tasks"],
      files: [
        "src/reminders/",
        "src/terminal/parts/reminders.ts",
        "src/browser/reminders.ts",
        "src/browser/Page.ts",
        "docs/reminders.md",
        "test/reminders.test.ts"
      ],
      plugins: [{ from: "./reminders/plugin.ts", name: "reminders", args: [] }],
      dependencies: ["@mortise/plugin-tasks"]
    },
    {
      with: ["orm", "tasks"],
      files: ["src/cleanup/", "test/cleanup.test.ts"],
      plugins: [{ from: "./cleanup/plugin.ts", name: "cleanup", args: [] }]
    },
    {
      with: ["orm", "accounts"],
      files: [
        "src/accounts/",
        "src/sealed/",
        "src/terminal/FileVault.ts",
        "src/terminal/parts/accounts.ts",
        "src/terminal/parts/sealed.ts",
        "src/browser/Page.ts",
        "src/browser/Vault.ts",
        "src/browser/accounts.ts",
        "src/browser/sealed.ts",
        "public/accounts.css",
        "docs/accounts.md",
        "test/accounts/"
      ],
      plugins: [
        { from: "./accounts/plugin.ts", name: "names", args: [] },
        { from: "./sealed/plugin.ts", name: "sealed", args: [] }
      ],
      dependencies: ["@mortise/plugin-accounts", "@node-rs/argon2", "playwright-core"],
      next: [{ command: "less docs/accounts.md", purpose: "read how to sign in, and what sealed messages promise" }]
    }
  ],
  next: [{ command: "npm run join -- --name ada --room lobby", purpose: "join from a second terminal" }]
} satisfies TemplateManifest

import type { TemplateManifest } from "create-mortise/template"

export default {
  name: "minimal",
  summary: "One contract over WebSocket, and its test",
  answers: [
    {
      kind: "port",
      name: "port",
      flag: "port",
      question: "Port?",
      default: 7420,
      places: [
        { file: "src/config.ts", constant: "port" },
        { file: "README.md", text: true }
      ]
    }
  ],
  app: {
    doc: "Every layer of the app is chosen here.",
    plugins: [
      { from: "@mortise/core/http/HttpPlugin", name: "http", args: [] },
      { from: "@mortise/core/transport/GatewayPlugin", name: "gateway", args: [] },
      { from: "@mortise/transport-websocket", name: "websocket", args: [] },
      { from: "./handlers.ts", name: "greeter", args: [] }
    ]
  },
  next: [{ command: "npm run hello -- Ada", purpose: "talk to it from a second terminal" }]
} satisfies TemplateManifest

/** The process of one server: `node server/host.ts <subject> <transport> <wire> [path]`. */
import { answer, reply } from "../../process/Child.ts"
import type { ServerSpec, Start, Subject } from "../subjects.ts"

const load = async ({ subject, transport, wire }: ServerSpec): Promise<{ readonly start: Start }> => {
  switch (subject) {
    case "limit":
      return import(`../limit/${transport === "ws" ? "ws" : "tcp"}-${wire}.ts`)
    case "ws":
      return import(`../peers/ws-${wire}.ts`)
    case "socket.io":
      return import(`../peers/socket-io-${wire}.ts`)
    default:
      return (await import("../mortise/server.ts")).make(subject satisfies Subject, transport)
  }
}

answer(async () => null)
const [subject, transport, wire, path] = process.argv.slice(2)
try {
  const { start } = await load({ subject, transport, wire } as ServerSpec)
  reply({ ok: await start(path === undefined ? { port: 0 } : { path }) })
} catch (error) {
  reply({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
}

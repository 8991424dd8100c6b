/** Ordinary code on socket.io: an event, answered through its acknowledgement. WebSocket only, without compression. */
import { createServer } from "node:http"
import { Server } from "socket.io"
import type { Start } from "../subjects.ts"
import { whenListening } from "./listening.ts"

export const start: Start = (at) => {
  const server = createServer()
  const io = new Server(server, { transports: ["websocket"], serveClient: false })
  io.on("connection", (socket) => {
    socket.on("echo", (payload, done) => done(payload))
  })
  server.listen({ ...at, host: "127.0.0.1", backlog: 4096 })
  return whenListening(server)
}

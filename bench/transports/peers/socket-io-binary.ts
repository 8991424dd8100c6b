/** Socket.io's own way of binary: MessagePack in a binary attachment, which is a frame of its own. */
import { createServer } from "node:http"
import { Packr } from "msgpackr"
import { Server } from "socket.io"
import type { Start } from "../subjects.ts"
import { whenListening } from "./listening.ts"

const packr = new Packr({ useRecords: false })

export const start: Start = (at) => {
  const server = createServer()
  const io = new Server(server, { transports: ["websocket"], serveClient: false })
  io.on("connection", (socket) => {
    socket.on("echo", (bytes: Buffer, done: (answer: Buffer) => void) => done(packr.pack(packr.unpack(bytes))))
  })
  server.listen({ ...at, host: "127.0.0.1", backlog: 4096 })
  return whenListening(server)
}

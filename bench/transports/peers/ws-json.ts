/** Ordinary code on `ws`: parse, handle, send one by one. */
import { WebSocketServer } from "ws"
import type { Start } from "../subjects.ts"
import { whenListening } from "./listening.ts"

export const start: Start = (at) => {
  const server = new WebSocketServer({ ...at, host: "127.0.0.1", backlog: 4096, perMessageDeflate: false })
  server.on("connection", (socket) => {
    socket.on("message", (data) => {
      const message = JSON.parse(data.toString())
      if (message.type === "echo") socket.send(JSON.stringify({ id: message.id, payload: message.payload }))
    })
  })
  return whenListening(server)
}

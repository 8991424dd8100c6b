/** Ordinary code on `ws`, with MessagePack in place of JSON. */
import { Packr } from "msgpackr"
import { WebSocketServer } from "ws"
import type { Start } from "../subjects.ts"
import { whenListening } from "./listening.ts"

const packr = new Packr({ useRecords: false })

export const start: Start = (at) => {
  const server = new WebSocketServer({ ...at, host: "127.0.0.1", backlog: 4096, perMessageDeflate: false })
  server.on("connection", (socket) => {
    socket.on("message", (data) => {
      const message = packr.unpack(data as Buffer)
      if (message.type === "echo") socket.send(packr.pack({ id: message.id, payload: message.payload }))
    })
  })
  return whenListening(server)
}

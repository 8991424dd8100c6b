/**
 * A chat peer on the platform's WebSocket and the json wire, written from docs/wire.md alone: no package, no code of Mortise.
 *
 *     node json-ws-peer.mjs URL NAME ROOM
 *
 * Reads and prints as raw-tcp-peer.mjs does.
 */
import { createInterface } from "node:readline"

const [url, name, room] = process.argv.slice(2)
const print = (event, fields = {}) => process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`)

const socket = new WebSocket(url, "mortise.v1.json")
const waiting = new Map()
let lastId = 0

const send = (envelope) => socket.send(JSON.stringify(envelope))
const request = (message, payload, then) => {
  const id = ++lastId
  waiting.set(id, then)
  send({ kind: "request", id, name: message, payload })
}

const receive = (envelope) => {
  const { kind, payload } = envelope
  if (kind === "hello") {
    request("chat.join", { name, room }, ({ members }) => print("joined", { members }))
    createInterface({ input: process.stdin }).on("line", (text) =>
      request("chat.say", { text }, (id) => print("said", { id }))
    )
  } else if (kind === "response") {
    const then = waiting.get(envelope.id)
    waiting.delete(envelope.id)
    const refused = envelope.error ?? envelope.fault
    if (refused) print("error", { message: JSON.stringify(refused) })
    else then(payload)
  } else if (kind === "event" && envelope.name === "chat.message") {
    print("message", { name: payload.name, text: payload.text })
  } else if (kind === "control" && payload.type === "goaway") print("goaway", { reason: payload.reason })
  else if (kind === "control" && payload.type === "ping") {
    send({ kind, payload: { type: "pong", token: payload.token } })
  } else if (kind === "control" && payload.type === "fault") {
    print("error", { message: JSON.stringify(payload.fault) })
  }
}

socket.addEventListener("open", () => send({ kind: "hello", payload: { min: 1, max: 1 } }))
socket.addEventListener("message", ({ data }) => receive(JSON.parse(data)))
socket.addEventListener("error", () => print("error", { message: `cannot reach ${url}` }))
socket.addEventListener("close", ({ code }) => {
  print("closed", { code })
  process.stdin.destroy()
})

/** Plain text answers, over a response and over a socket that no response belongs to. */
import type { ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import type { TurnShape } from "../../app/Turn.ts"
import { STATUS_CODES } from "./nodeHttp.ts"

/** How long a refused peer gets to read its answer before the connection is cut, in milliseconds. */
const LINGER_MILLIS = 1_000

const reasonOf = (status: number): string => STATUS_CODES[status] ?? "Unknown"

/** Answers with one line of text; nothing happens when the answer has begun already. */
export const answer = (
  response: ServerResponse,
  status: number,
  message: string = reasonOf(status),
  headers: Readonly<Record<string, string>> = {}
): void => {
  if (response.headersSent) return
  const body = Buffer.from(message + "\n")
  response.writeHead(status, {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": body.length,
    "X-Content-Type-Options": "nosniff",
    ...headers
  })
  response.end(body)
}

/** Answers on the bare socket, then closes it. */
export const answerSocket = (
  turn: TurnShape,
  socket: Duplex,
  status: number,
  message: string = reasonOf(status),
  headers: Readonly<Record<string, string>> = {}
): void => {
  if (socket.destroyed) return
  if (!socket.writable) return void socket.destroy()
  const body = Buffer.from(message + "\n")
  let head = `HTTP/1.1 ${status} ${reasonOf(status)}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n`
  head += `Content-Length: ${body.length}\r\nX-Content-Type-Options: nosniff\r\n`
  for (const name of Object.keys(headers)) head += `${name}: ${headers[name]}\r\n`
  socket.end(Buffer.concat([Buffer.from(head + "\r\n", "latin1"), body]))
  // Closing with unread input would reset the connection, and the answer would be lost on its way.
  const disarm = turn.arm(LINGER_MILLIS, () => socket.destroy())
  socket.once("close", disarm)
  socket.once("end", () => socket.destroy())
  socket.resume()
}

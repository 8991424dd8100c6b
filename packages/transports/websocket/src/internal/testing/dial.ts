import { connect, type Socket } from "node:net"
import { TransportError } from "@mortise/core/transport/Transport"
import * as Effect from "effect/Effect"

/** The answer of a server to an opening handshake. */
export interface Answer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  /** What came behind the head. */
  readonly rest: Buffer
}

export const parseAnswer = (bytes: Buffer): Answer | undefined => {
  const end = bytes.indexOf("\r\n\r\n")
  if (end < 0) return undefined
  const [first = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n")
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":")
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
    })
  )
  return { status: Number(first.split(" ")[1]), headers, rest: bytes.subarray(end + 4) }
}

/** An opening handshake as a browser sends it; entries of `headers` replace or, when undefined, remove a header. */
export const openingRequest = (url: URL, headers: Readonly<Record<string, string | undefined>> = {}): string => {
  const all: Record<string, string | undefined> = {
    Host: url.host,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers
  }
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  return [`GET ${url.pathname}${url.search} HTTP/1.1`, ...lines, "", ""].join("\r\n")
}

/** Connects and shakes hands; the socket is paused, and `rest` is what came behind the server's answer. */
export const dial = (
  name: string,
  address: string,
  headers?: Readonly<Record<string, string>>
): Effect.Effect<{ readonly socket: Socket; readonly answer: Answer }, TransportError> =>
  Effect.callback((resume) => {
    const url = new URL(address)
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true, allowHalfOpen: true })
    const fail = (reason: "connect" | "refused", message: string): void => {
      socket.destroy()
      resume(Effect.fail(new TransportError({ reason, transport: name, message })))
    }
    let bytes: Buffer = Buffer.alloc(0)
    const onError = (error: Error): void => fail("connect", `${address}: ${error.message}`)
    const onEnd = (): void => fail("refused", `${address} refused: the connection was closed.`)
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk])
      const answer = parseAnswer(bytes)
      if (answer === undefined) return
      socket.off("data", onData)
      socket.off("end", onEnd)
      socket.off("error", onError)
      socket.pause()
      if (answer.status === 101) resume(Effect.succeed({ socket, answer }))
      else fail("refused", `${address} refused with ${answer.status}: ${answer.rest.toString().trim()}`)
    }
    socket.on("error", onError)
    socket.on("end", onEnd)
    socket.on("data", onData)
    socket.write(openingRequest(url, headers))
    return Effect.sync(() => socket.destroy())
  })

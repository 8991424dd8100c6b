/**
 * Lets a handler of web standards (`Request` → `Response`) answer at the HTTP host: the form in which most HTTP
 * libraries can be had. Bodies are streamed both ways, and the request's signal aborts when the client goes away.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { ReadableStream } from "node:stream/web"
import * as Effect from "effect/Effect"
import type { RouteHandler } from "./Route.ts"

export type WebHandler = (request: Request) => Promise<Response>

const toRequest = (request: IncomingMessage, signal: AbortSignal): Request => {
  const headers = new Headers()
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    headers.append(request.rawHeaders[i] as string, request.rawHeaders[i + 1] as string)
  }
  const scheme = "encrypted" in request.socket ? "https" : "http"
  const url = new URL(request.url ?? "/", `${scheme}://${request.headers.host ?? "localhost"}`)
  const method = request.method ?? "GET"
  const body = method === "GET" || method === "HEAD" ? null : Readable.toWeb(request)
  return new Request(url, { method, headers, body, signal, duplex: "half" })
}

const writeResponse = async (from: Response, request: IncomingMessage, to: ServerResponse): Promise<void> => {
  const cookies = from.headers.getSetCookie()
  for (const [name, value] of from.headers) if (name !== "set-cookie") to.setHeader(name, value)
  if (cookies.length > 0) to.setHeader("set-cookie", cookies)
  to.writeHead(from.status)
  if (from.body === null || request.method === "HEAD") {
    await from.body?.cancel()
    to.end()
    return
  }
  await pipeline(Readable.fromWeb(from.body as ReadableStream), to)
}

/** The handler as a route's or the fallback's; a rejection is answered with 500. */
export const fromWeb =
  (handler: WebHandler): RouteHandler =>
  (request, response) =>
    Effect.tryPromise((signal) =>
      handler(toRequest(request, signal)).then((answer) => writeResponse(answer, request, response))
    )

/**
 * Lets a handler of web standards (`Request` → `Response`) answer at the HTTP host: the form in which most HTTP
 * libraries can be had. Bodies are streamed both ways, and the request's signal aborts when the client goes away.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { ReadableStream } from "node:stream/web"
import * as Effect from "effect/Effect"
import { answer } from "./internal/answers.ts"
import type { RouteHandler } from "./Route.ts"

export type WebHandler = (request: Request) => Promise<Response>

/** Undefined when the client's Host header and request target make no URL. */
const urlOf = (request: IncomingMessage): string | undefined => {
  const scheme = "encrypted" in request.socket ? "https" : "http"
  const target = request.url ?? "/"
  // joined, not resolved: a path of two slashes would name another host
  const url = target.startsWith("/") ? `${scheme}://${request.headers.host ?? "localhost"}${target}` : target
  return URL.canParse(url) ? url : undefined
}

const toRequest = (request: IncomingMessage, url: string, signal: AbortSignal): Request => {
  const headers = new Headers()
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    headers.append(request.rawHeaders[i] as string, request.rawHeaders[i + 1] as string)
  }
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
  (request, response) => {
    const url = urlOf(request)
    if (url === undefined) return void answer(response, 400, "The Host header is no host.")
    return Effect.tryPromise((signal) =>
      handler(toRequest(request, url, signal)).then((answered) => writeResponse(answered, request, response))
    )
  }

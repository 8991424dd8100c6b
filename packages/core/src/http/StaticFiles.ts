/**
 * Serves the files of a directory: for pages, scripts and media that an app brings with it.
 *
 * Only what stands below the directory is reachable: no dot files, no traversal, no symbolic link that leads out. Files are
 * streamed, so memory does not grow with their size. Conditional requests and one byte range are answered (RFC 9110 §13, §14).
 */
import { createReadStream, type Stats } from "node:fs"
import { realpath, stat } from "node:fs/promises"
import type { IncomingMessage, ServerResponse } from "node:http"
import { join, sep } from "node:path"
import { pipeline } from "node:stream"
import { contentTypeOf } from "./internal/contentTypes.ts"

export interface StaticFilesOptions {
  /** Where the directory appears: `/` or, for example, `/assets`. */
  readonly path: `/${string}`
  readonly directory: string
  /** Served for a directory; default `index.html`. */
  readonly index?: string
  /** How long a browser may use its copy without asking, in seconds; default 0: it asks each time and gets a 304. */
  readonly maxAgeSeconds?: number
  /** Added to every answer; the place of a Content-Security-Policy. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Answers and says true, or says false and leaves the response alone. */
export type StaticFiles = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<boolean>

const statOf = (file: string): Promise<Stats | undefined> => stat(file).catch(() => undefined)

/** Where a path really leads, if that is below the root. */
const inside = async (root: string, path: string): Promise<string | undefined> => {
  const file = await realpath(path).catch(() => undefined)
  return file === root || file?.startsWith(root + sep) ? file : undefined
}

/** The file's place below the directory; undefined for everything that must not be served. */
const relativeOf = (path: string): string | undefined => {
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    return undefined
  }
  // an empty segment would let a redirect begin with two slashes, which browsers take for another host
  if (/[\0\\:]|^\/|\/\//.test(decoded)) return undefined
  return decoded.split("/").some((segment) => segment.startsWith(".")) ? undefined : decoded
}

type ByteRange = { readonly start: number; readonly end: number }

/** One range of RFC 9110 §14.1.2; undefined is the whole file, `unsatisfiable` a 416. */
const rangeOf = (header: string | undefined, size: number): ByteRange | "unsatisfiable" | undefined => {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "")
  if (match === null) return undefined
  const [, first = "", last = ""] = match
  if (first === "" && last === "") return undefined
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1)
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined
  return start >= size || start > end ? "unsatisfiable" : { start, end }
}

const matches = (header: string, etag: string): boolean =>
  header.trim() === "*" || header.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag.replace(/^W\//, ""))

const isFresh = (request: IncomingMessage, etag: string, modified: string): boolean => {
  const noneMatch = request.headers["if-none-match"]
  if (noneMatch !== undefined) return matches(noneMatch, etag)
  return request.headers["if-modified-since"] === modified
}

export const make = (options: StaticFilesOptions): StaticFiles => {
  const mount = options.path.endsWith("/") ? options.path : options.path + "/"
  const index = options.index ?? "index.html"
  const cacheControl = options.maxAgeSeconds ? `public, max-age=${options.maxAgeSeconds}` : "no-cache"
  const shared = { "X-Content-Type-Options": "nosniff", "Cache-Control": cacheControl, ...options.headers }
  let root: string | undefined

  const send = (request: IncomingMessage, response: ServerResponse, file: string, stats: Stats): void => {
    const etag = `W/"${stats.size.toString(36)}-${Math.trunc(stats.mtimeMs).toString(36)}"`
    const modified = stats.mtime.toUTCString()
    const headers = { ...shared, ETag: etag, "Last-Modified": modified }
    if (isFresh(request, etag, modified)) return void response.writeHead(304, headers).end()
    // A weak tag never matches If-Range (§13.1.5): with that header only the date can make the range count.
    const unchanged = request.headers["if-range"] === undefined || request.headers["if-range"] === modified
    const range = unchanged ? rangeOf(request.headers.range, stats.size) : undefined
    if (range === "unsatisfiable") {
      return void response.writeHead(416, { ...headers, "Content-Range": `bytes */${stats.size}` }).end()
    }
    const described = { ...headers, "Content-Type": contentTypeOf(file), "Accept-Ranges": "bytes" }
    if (range === undefined) response.writeHead(200, { ...described, "Content-Length": stats.size })
    else {
      response.writeHead(206, {
        ...described,
        "Content-Length": range.end - range.start + 1,
        "Content-Range": `bytes ${range.start}-${range.end}/${stats.size}`
      })
    }
    if (request.method === "HEAD" || stats.size === 0) return void response.end()
    // never past the announced length, should the file grow meanwhile
    const body = createReadStream(file, range ?? { start: 0, end: stats.size - 1 })
    pipeline(body, response, (error) => {
      if (error) response.destroy()
    })
  }

  return async (request, response, path) => {
    if (request.method !== "GET" && request.method !== "HEAD") return false
    if (path + "/" === mount) {
      response.writeHead(301, { ...shared, Location: mount, "Content-Length": 0 }).end()
      return true
    }
    if (!path.startsWith(mount)) return false
    const relative = relativeOf(path.slice(mount.length))
    if (relative === undefined) return false
    root ??= await realpath(options.directory).catch(() => undefined)
    if (root === undefined) return false
    const file = await inside(root, join(root, relative))
    if (file === undefined) return false
    const stats = await statOf(file)
    if (stats === undefined) return false
    if (stats.isFile()) {
      if (relative.endsWith("/")) return false
      send(request, response, file, stats)
      return true
    }
    if (!stats.isDirectory()) return false
    const page = await inside(root, join(file, index))
    if (page === undefined) return false
    const pageStats = await statOf(page)
    if (pageStats === undefined || !pageStats.isFile()) return false
    if (path.endsWith("/")) send(request, response, page, pageStats)
    // Relative links of the page would miss its directory. The path is known to begin with one slash and a plain segment.
    else response.writeHead(301, { ...shared, Location: path + "/", "Content-Length": 0 }).end()
    return true
  }
}

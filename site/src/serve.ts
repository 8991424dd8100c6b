/** Serves the built site on loopback. */
import { createReadStream, statSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import path from "node:path"

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2"
}

const isFile = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() === true

/** The file of a request; undefined where nothing is, or where the path leads out of the folder. */
const fileAt = (folder: string, url: string): string | undefined => {
  let pathname: string
  try {
    pathname = decodeURIComponent(new URL(url, "http://localhost").pathname)
  } catch {
    return undefined
  }
  if (pathname.includes("\0")) return undefined
  const file = path.join(folder, pathname)
  if (file !== folder && !file.startsWith(folder + path.sep)) return undefined
  return [file, `${file}.html`, path.join(file, "index.html")].find(isFile)
}

export interface Served {
  readonly server: Server
  readonly url: string
}

/** Listens at `port` of 127.0.0.1; 0 takes a free one. Fails when the port is taken. */
export const serve = (folder: string, port = 0): Promise<Served> =>
  new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      if (request.method !== "GET" && request.method !== "HEAD") {
        response.writeHead(405, { allow: "GET, HEAD" }).end()
        return
      }
      const found = fileAt(folder, request.url ?? "/")
      const file = found ?? path.join(folder, "404.html")
      response.writeHead(found === undefined ? 404 : 200, {
        "content-type": types[path.extname(file)] ?? "application/octet-stream",
        "cache-control": "no-cache"
      })
      if (request.method === "HEAD" || !isFile(file)) response.end()
      else
        createReadStream(file)
          .on("error", () => response.destroy())
          .pipe(response)
    })
    server.on("error", reject)
    server.listen(port, "127.0.0.1", () =>
      resolve({ server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` })
    )
  })

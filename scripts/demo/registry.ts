/**
 * An npm registry on the loopback interface that has the workspace's own packages, one version of each. It answers for
 * their names only; every other request is redirected to the registry that npm is configured with on this machine.
 */
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Version } from "./tarball.ts"

export interface Registry extends AsyncDisposable {
  /** `http://127.0.0.1:port/` */
  readonly url: string
}

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" })
  response.end(JSON.stringify(body))
}

/** What npm reads of a package: every version with where its tarball is. */
const packument = (version: Version, url: string): unknown => ({
  name: version.name,
  "dist-tags": { latest: version.version },
  versions: {
    [version.version]: {
      ...version.manifest,
      _id: `${version.name}@${version.version}`,
      dist: {
        tarball: `${url}-/tarballs/${version.file}`,
        integrity: version.integrity,
        shasum: version.shasum
      }
    }
  }
})

/** Serves packages; `upstream` is the address of the registry for all others. */
export const serveRegistry = async (versions: ReadonlyArray<Version>, upstream: string): Promise<Registry> => {
  const server = createServer((request, response) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const path = decodeURIComponent(new URL(request.url ?? "/", url).pathname).slice(1)
    const isRead = request.method === "GET" || request.method === "HEAD"
    const tarball = versions.find((version) => path === `-/tarballs/${version.file}`)
    const own = versions.find((version) => path === version.name)
    if (!isRead && own !== undefined) answer(response, 405, { error: "this registry is for reading" })
    else if (tarball !== undefined) response.writeHead(200).end(tarball.bytes)
    else if (own !== undefined) answer(response, 200, packument(own, url))
    else {
      response.writeHead(307, { location: new URL((request.url ?? "/").replace(/^\/+/, ""), upstream).href })
      response.end()
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(0, "127.0.0.1", resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

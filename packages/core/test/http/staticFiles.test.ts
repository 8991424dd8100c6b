import assert from "node:assert/strict"
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { bare, get, listening } from "./support.ts"

const site = Effect.acquireRelease(
  Effect.promise(async () => {
    const folder = await mkdtemp(join(tmpdir(), "mortise-files-"))
    const root = join(folder, "public")
    await mkdir(join(root, "sub", ".hidden"), { recursive: true })
    await mkdir(join(root, "empty"))
    await writeFile(join(folder, "secret.txt"), "secret")
    await writeFile(join(root, "index.html"), "<h1>home</h1>")
    await writeFile(join(root, "app.js"), "export {}")
    await writeFile(join(root, "nothing.txt"), "")
    await writeFile(join(root, "with space ü.txt"), "spaced")
    await writeFile(join(root, ".env"), "secret")
    await writeFile(join(root, "sub", "index.html"), "sub")
    await writeFile(join(root, "sub", ".hidden", "x.txt"), "secret")
    await writeFile(join(root, "large.bin"), Buffer.alloc(5_000_000, "0123456789"))
    await symlink(join(folder, "secret.txt"), join(root, "leads-out.txt"))
    await symlink(folder, join(root, "leads-up"))
    await symlink(join(root, "app.js"), join(root, "inside.js"))
    return { folder, root }
  }),
  ({ folder }) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
)

const serving = (options: { readonly path?: `/${string}`; readonly maxAgeSeconds?: number } = {}) =>
  Effect.gen(function* () {
    const { root } = yield* site
    const headers = { "Content-Security-Policy": "default-src 'self'" }
    const [, address] = yield* listening((host) => host.files({ path: "/", directory: root, headers, ...options }))
    return address
  })

describe("static files", () => {
  it.live("serves files with type, tag and security headers, and the index of a directory", () =>
    Effect.gen(function* () {
      const address = yield* serving()
      const home = yield* get(address + "/")
      assert.equal(home.text, "<h1>home</h1>")
      assert.equal(home.headers.get("content-type"), "text/html; charset=utf-8")
      assert.equal(home.headers.get("x-content-type-options"), "nosniff")
      assert.equal(home.headers.get("content-security-policy"), "default-src 'self'")
      assert.equal(home.headers.get("cache-control"), "no-cache")
      assert.match(home.headers.get("etag") ?? "", /^W\/"/)
      const script = yield* get(address + "/app.js?v=1")
      assert.equal(script.headers.get("content-type"), "text/javascript; charset=utf-8")
      assert.equal((yield* get(address + "/sub/")).text, "sub")
      assert.equal((yield* get(address + "/nothing.txt")).status, 200)
      assert.equal((yield* get(address + "/with%20space%20%C3%BC.txt")).text, "spaced")
      assert.equal((yield* get(address + "/inside.js")).text, "export {}")
    })
  )

  it.live("redirects a directory to its slash, never to another host", () =>
    Effect.gen(function* () {
      const address = yield* serving()
      const sub = yield* get(address + "/sub")
      assert.equal(sub.status, 301)
      assert.equal(sub.headers.get("location"), "/sub/")
      const client = yield* bare(address)
      client.write("GET //sub HTTP/1.1\r\nHost: h\r\n\r\n")
      yield* client.expect("HTTP/1.1 404")
    })
  )

  it.live("serves nothing outside the directory and no dot files", () =>
    Effect.gen(function* () {
      const address = yield* serving()
      const paths = [
        "/../secret.txt",
        "/sub/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/sub/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/..%5csecret.txt",
        "/.env",
        "/%2eenv",
        "/sub/.hidden/x.txt",
        "/leads-out.txt",
        "/leads-up/secret.txt",
        "/app.js%00.html",
        "/app.js/",
        "/%ff",
        "/%",
        "/empty/",
        "/missing.txt",
        "//etc/passwd",
        "/C:/secret.txt"
      ]
      for (const path of paths) {
        const client = yield* bare(address)
        client.write(`GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`)
        yield* client.ended
        assert.match(client.received(), /^HTTP\/1\.1 404 /, path)
        assert.doesNotMatch(client.received(), /secret\r?\n?$/, path)
      }
    })
  )

  it.live("answers conditional requests with 304", () =>
    Effect.gen(function* () {
      const address = yield* serving({ maxAgeSeconds: 60 })
      const first = yield* get(address + "/app.js")
      assert.equal(first.headers.get("cache-control"), "public, max-age=60")
      const etag = first.headers.get("etag") ?? ""
      const modified = first.headers.get("last-modified") ?? ""
      for (const header of [
        { "If-None-Match": etag },
        { "If-None-Match": `"other", ${etag}` },
        { "If-None-Match": "*" },
        { "If-Modified-Since": modified }
      ]) {
        const answer = yield* get(address + "/app.js", { headers: header as Record<string, string> })
        assert.equal(answer.status, 304)
        assert.equal(answer.text, "")
      }
      const changed = yield* get(address + "/app.js", {
        headers: { "If-None-Match": '"x"', "If-Modified-Since": modified }
      })
      assert.equal(changed.status, 200)
    })
  )

  it.live("answers HEAD without a body, and one byte range", () =>
    Effect.gen(function* () {
      const address = yield* serving()
      const head = yield* get(address + "/large.bin", { method: "HEAD" })
      assert.equal(head.headers.get("content-length"), "5000000")
      assert.equal(head.text, "")
      const ranges: Record<string, readonly [status: number, text: string, range: string | null]> = {
        "bytes=0-4": [206, "01234", "bytes 0-4/5000000"],
        "bytes=4999995-": [206, "56789", "bytes 4999995-4999999/5000000"],
        "bytes=-3": [206, "789", "bytes 4999997-4999999/5000000"],
        "bytes=4999999-9999999": [206, "9", "bytes 4999999-4999999/5000000"],
        "bytes=5000000-": [416, "", "bytes */5000000"],
        "bytes=-0": [416, "", "bytes */5000000"]
      }
      for (const [range, expected] of Object.entries(ranges)) {
        const { headers, status, text } = yield* get(address + "/large.bin", { headers: { Range: range } })
        assert.deepEqual([status, text, headers.get("content-range")], expected, range)
      }
      for (const ignored of ["bytes=5-2", "bytes=a-b", "lines=1-2", "bytes=0-1,3-4", "bytes=-"]) {
        const answer = yield* get(address + "/large.bin", { headers: { Range: ignored } })
        assert.deepEqual([answer.status, answer.text.length], [200, 5_000_000], ignored)
      }
      const other = yield* get(address + "/large.bin", { headers: { Range: "bytes=0-4", "If-Range": '"x"' } })
      assert.equal(other.status, 200)
    })
  )

  it.live("lives under a path, lets routes go first and passes on what it does not have", () =>
    Effect.gen(function* () {
      const { root } = yield* site
      const [, address] = yield* listening((host) =>
        Effect.all([
          host.files({ path: "/assets", directory: root }),
          host.files({ path: "/assets/sub", directory: join(root, "sub") }),
          host.route({ method: "GET", path: "/assets/app.js", handler: (_, to) => void to.end("route") }),
          host.fallback((_, response) => void response.end("fallback"))
        ])
      )
      assert.equal((yield* get(address + "/assets/index.html")).text, "<h1>home</h1>")
      assert.equal((yield* get(address + "/assets/sub/")).text, "sub")
      assert.equal((yield* get(address + "/assets/app.js")).text, "route")
      assert.equal((yield* get(address + "/assets/none")).text, "fallback")
      assert.equal((yield* get(address + "/index.html")).text, "fallback")
      assert.equal((yield* get(address + "/assets/index.html", { method: "POST" })).text, "fallback")
      assert.equal((yield* get(address + "/assets")).headers.get("location"), "/assets/")
    })
  )

  it.live("does not read a file ahead of a client that does not take it", () =>
    Effect.gen(function* () {
      const address = yield* serving()
      const before = process.memoryUsage().arrayBuffers
      const clients = yield* Effect.all(Array.from({ length: 40 }, () => bare(address)))
      for (const client of clients) {
        client.socket.pause()
        client.write("GET /large.bin HTTP/1.1\r\nHost: h\r\n\r\n")
      }
      // one that reads is served in full meanwhile
      assert.equal((yield* get(address + "/large.bin")).text.length, 5_000_000)
      const grown = process.memoryUsage().arrayBuffers - before
      assert.ok(grown < 60_000_000, `${grown} bytes held for 200 MB in the making`)
    })
  )

  it.live("has nothing where the directory is missing", () =>
    Effect.gen(function* () {
      const [, address] = yield* listening((host) => host.files({ path: "/", directory: "/no/such/folder" }))
      assert.equal((yield* get(address + "/x")).status, 404)
    })
  )
})

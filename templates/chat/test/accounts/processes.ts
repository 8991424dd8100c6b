/** The server and terminals as processes, and a wire tap between them. */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { until } from "@mortise/core/testing/until"
import * as Effect from "effect/Effect"

export interface Running {
  readonly child: ChildProcess
  text: string
  exit: number | NodeJS.Signals | null | undefined
  readonly type: (line: string) => void
}

const run = (file: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv) =>
  Effect.acquireRelease(
    Effect.sync((): Running => {
      const main = fileURLToPath(new URL(file, import.meta.url))
      const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...env } })
      const running: Running = {
        child,
        text: "",
        exit: undefined,
        type: (line) => void child.stdin.write(`${line}\n`)
      }
      child.stdout.on("data", (chunk) => (running.text += chunk))
      child.stderr.on("data", (chunk) => (running.text += chunk))
      child.on("close", (code, signal) => (running.exit = signal ?? code))
      return running
    }),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** Passes all bytes on from one socket to another, and keeps a copy of what clients sent and of what they got. */
const tap = (from: string, to: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const seen: { sent: Array<Buffer>; got: Array<Buffer> } = { sent: [], got: [] }
      const server = createServer((client) => {
        const upstream = connect(to)
        client.on("data", (chunk) => void seen.sent.push(chunk)).pipe(upstream)
        upstream.on("data", (chunk) => void seen.got.push(chunk)).pipe(client)
        for (const socket of [client, upstream]) {
          socket.on("error", () => {
            client.destroy()
            upstream.destroy()
          })
        }
      })
      await new Promise<void>((resolve) => server.listen(from, resolve))
      return { seen, server }
    }),
    ({ server }) => Effect.sync(() => server.close())
  )

export const stage = Effect.gen(function* () {
  const folder = yield* Effect.acquireRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "chat-"))),
    (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
  )
  const [socket, tapped, database] = [join(folder, "server"), join(folder, "tap"), join(folder, "app.db")]
  const { seen } = yield* tap(tapped, socket)

  /** Starts the server; it listens once this is done. One that was killed comes back at the same port if it is given. */
  const serve = Effect.fnUntraced(function* (port = "0") {
    const server = yield* run("./server.ts", [], { DATABASE: database, PAGE_PORT: port, SOCKET: socket })
    const address = () => /http:\/\/[\d.]+:\d+/.exec(server.text)?.[0]
    yield* until("the server listens", () => address() !== undefined)
    return Object.assign(server, { page: address() ?? "" })
  })
  /** A terminal of somebody, whose keys are in a folder of their own. */
  const terminal = (name: string, home = name) =>
    run("../../src/terminal.ts", ["--name", name, "--room", "lobby", "--socket", tapped], {
      XDG_STATE_HOME: join(folder, "state", home),
      NO_COLOR: "1"
    })
  /** The database as it lies on the disk, with what is not yet part of it. */
  const onDisk = () =>
    Buffer.concat(
      ["", "-wal", "-journal"].filter((end) => existsSync(database + end)).map((end) => readFileSync(database + end))
    )
  const keyFiles = (home: string) => {
    const directory = join(folder, "state", home, "mortise-app")
    return readdirSync(directory).map((file) => join(directory, file))
  }
  return { serve, terminal, onDisk, keyFiles, seen }
})

/** Waits until a terminal or the server has said this. */
export const says = (who: Running, text: string) =>
  Effect.suspend(() => until(`${JSON.stringify(text)} in:\n${who.text}`, () => who.text.includes(text))).pipe(
    Effect.catchDefect(() => Effect.die(new Error(`waited in vain for ${JSON.stringify(text)} in:\n${who.text}`)))
  )

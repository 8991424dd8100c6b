/**
 * `npm start`: packs the packages as a registry would serve them, creates the chat app from them in a temporary folder
 * outside the workspace, installs, type-checks, builds and starts it. Ctrl-C stops it and removes the folder.
 *
 * `npm start -- --check` does the same unattended, lets a browser, raw TCP, a platform WebSocket and the typed client talk
 * to each other, stops the app, and ends with 0 when all of it held. `--keep` leaves the app where it is.
 */
import { copyFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { parseArgs } from "node:util"
import * as App from "./demo/App.ts"
import { findChromium, startBrowser } from "./demo/chromium.ts"
import { converse } from "./demo/conversation.ts"
import { endPrograms, forgetOthers, must, npmEnvironment } from "./demo/npm.ts"
import { type Peer, startPeer } from "./demo/Peer.ts"
import { packPackages } from "./demo/packages.ts"
import { serveRegistry } from "./demo/registry.ts"
import { Table } from "./demo/Table.ts"
import { root } from "./workspace.ts"

const name = "demo-chat"
const room = "lobby"

const usage = `npm start [-- OPTIONS]

  --check   unattended: lets a browser and other clients talk to each other, and ends with 0 when all of it held
  --keep    leaves the app where it is
  --help    this`

const readFlags = () => {
  const flag = { type: "boolean", default: false } as const
  try {
    return parseArgs({ options: { check: flag, keep: flag, help: flag } }).values
  } catch (error) {
    console.error(`npm start: ${(error as Error).message}\n\n${usage}`)
    process.exit(2)
  }
}

const flags = readFlags()
if (flags.help) {
  console.log(usage)
  process.exit(0)
}

/** What has to be undone at the end, the last first. */
const stack = new AsyncDisposableStack()
const table = new Table()

/** From the packages to a type-checked app: the way of a stranger. */
const createApp = async (): Promise<string> => {
  const packed = await table.step(
    "pack the packages",
    packPackages,
    ({ cached, versions }) => `${versions.length} tarballs${cached ? ", unchanged since the last time" : ""}`
  )
  const upstream = await must(["npm", "config", "get", "registry"], { cwd: root, env: process.env })
  const registry = stack.use(await serveRegistry(packed.versions, upstream.trim().split("\n").at(-1) ?? ""))
  const env = npmEnvironment(registry.url)
  forgetOthers(env.npm_config_cache ?? "", packed.hash)

  const folder = App.temporaryFolder()
  if (!flags.keep) stack.defer(() => App.removeFolder(folder))
  await table.step(
    // with its install, so that the lock file is in the app's first commit
    "create and install the app: npm create mortise",
    () =>
      must(["npm", "create", "mortise@latest", name, "--", "--template", "chat", "--yes"], {
        cwd: folder,
        env
      }),
    () => join(folder, name)
  )
  const app = join(folder, name)
  await table.step("type-check it: npm run check", () => must(["npm", "run", "check"], { cwd: app, env }))
  if (flags.check) await table.step("test it: npm test", () => must(["npm", "test"], { cwd: app, env }))
  await table.step("build it: npm run build", () => must(["npm", "run", "build"], { cwd: app, env }))
  return app
}

/** Lets all kinds of peers talk to each other, and stops the app. */
const checkApp = async (folder: string): Promise<void> => {
  const chromium = findChromium()
  const socket = join(folder, "demo.sock")
  const app = await table.step(
    "start it",
    () => App.startApp(folder, { PORT: "0", TCP_PORT: "0", SOCKET_PATH: socket, HOST: "127.0.0.1" }),
    ({ millis }) => `ready after ${Math.round(millis)} ms`
  )
  running = app
  stack.defer(() => App.stop(app))
  const url = app.address("http")
  const peers: Array<Peer> = []
  const join_ = async (step: string, start: () => Promise<Peer>): Promise<void> => {
    const peer = await table.step(step, start)
    stack.defer(() => peer.close())
    peers.push(peer)
  }

  if (typeof chromium !== "string") {
    table.skip(
      "browser: two tabs exchange a message",
      chromium.missing,
      process.env.CI === "true" ? "failed" : "not run"
    )
  } else {
    const browser = stack.use(await table.step("start Chromium", () => startBrowser(chromium)))
    await join_("a browser tab joins", () => browser.join(url, "ada", room))
    await join_("a second browser tab joins", () => browser.join(url, "grace", room))
    await table.step("browser: two tabs exchange a message", () => converse("tabs", [...peers]))
  }

  const { hostname, port } = new URL(app.address("tcp").replace(/^tcp:/, "http:"))
  const peerFile = (file: string): string => join(root, "scripts", "demo", file)
  await join_("raw TCP joins (binary wire, docs/wire.md alone)", () =>
    startPeer({
      title: "raw TCP",
      name: "tess",
      file: peerFile("raw-tcp-peer.mjs"),
      args: [hostname, port, "tess", room],
      cwd: folder
    })
  )
  await join_("a platform WebSocket joins (json wire)", () =>
    startPeer({
      title: "platform WebSocket",
      name: "wes",
      file: peerFile("json-ws-peer.mjs"),
      args: [new URL("/ws", url.replace(/^http/, "ws")).href, "wes", room],
      cwd: folder
    })
  )
  copyFileSync(peerFile("typed-unix-peer.mjs"), join(folder, "typed-unix-peer.mjs"))
  await join_("the typed client joins (Unix socket)", () =>
    startPeer({
      title: "typed client",
      name: "uma",
      file: "typed-unix-peer.mjs",
      args: [socket, "uma", room],
      cwd: folder
    })
  )
  await table.step(
    "each sees the others' messages in order",
    () => converse("everything", peers),
    (count) => `${count} messages, ${peers.length} peers`
  )

  await table.step("SIGTERM: every client is told", async () => {
    app.process.kill("SIGTERM")
    await Promise.all(peers.map((peer) => peer.toldToGo()))
  })
  await table.step("the app ends with exit code 0", async () => {
    const code = await app.ended
    if (code !== 0) throw new Error(`its exit code is ${code}`)
  })
}

/** Whether Node was fetched into this clone: a second terminal has an older one on its PATH, which cannot run the app. */
const ownNode = process.execPath.startsWith(root)

/** A path as a shell takes it. */
const quoted = (path: string): string => (/^[\w./:@-]+$/.test(path) ? path : `"${path}"`)

/** How to go on with the app that `--keep` leaves. */
const keptHint = (folder: string): string =>
  [
    `Ctrl-C stops it. The folder stays, and is yours: ${folder}`,
    ...(ownNode
      ? ["Its commands need this Node first on the PATH:", `  export PATH="${dirname(process.execPath)}:$PATH"`]
      : [])
  ].join("\n")

/** Runs the app until Ctrl-C. */
const runApp = async (folder: string): Promise<void> => {
  // the app's log, but not its own words about its end
  const log = (line: string): void => (line.startsWith('{"event":"stop') ? undefined : console.log(line))
  // its own ports when they are free
  const app = await App.startApp(folder, {}, log).catch(() =>
    App.startApp(folder, { PORT: "0", TCP_PORT: "0", SOCKET_PATH: join(folder, "demo.sock") }, log)
  )
  running = app
  stack.defer(() => App.stop(app))
  const socket = app.address("unix").replace(/^unix:(\/\/)?/, "")
  const node = ownNode ? quoted(process.execPath) : "node"
  console.log(`
The chat is at ${app.address("http")}

Join from a second terminal:
  cd ${quoted(folder)}
  ${node} src/terminal.ts --name ada --room lobby --socket ${quoted(socket)}

${flags.keep ? keptHint(folder) : "Ctrl-C stops it and removes the folder."}`)
  const code = await app.ended
  if (code !== 0) throw new Error(`the app ended with code ${code}`)
  console.log("Stopped.")
}

const main = async (): Promise<void> => {
  const folder = await createApp()
  await (flags.check ? checkApp(folder) : runApp(folder))
}

let running: App.RunningApp | undefined
let signal: NodeJS.Signals | undefined

/** A signal ends what is under way; the rest is cleared up as at any end. */
const onSignal = (received: NodeJS.Signals): void => {
  signal = received
  endPrograms()
  // a terminal sends SIGINT to the app as well; a second one would cut its drain short
  if (received !== "SIGINT" || process.stdin.isTTY !== true) running?.process.kill(received)
}
process.on("SIGINT", onSignal)
process.on("SIGTERM", onSignal)

try {
  await main()
} catch (error) {
  if (signal === undefined) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
} finally {
  await stack.disposeAsync()
  if (flags.check) table.print()
}
if (table.failed && signal === undefined) process.exitCode = 1
// stopping the running chat is how it ends; stopping its making is not
if (signal !== undefined && running === undefined) process.exitCode = signal === "SIGINT" ? 130 : 143
process.off("SIGINT", onSignal)
process.off("SIGTERM", onSignal)

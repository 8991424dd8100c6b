// @module-tag app
// @module-tag browser
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { assert, describe, it, onTestFinished } from "vitest"
import { findChromium } from "../scripts/demo/chromium.ts"
import { converse } from "../scripts/demo/conversation.ts"
import type { Peer } from "../scripts/demo/Peer.ts"
import { serveRegistry } from "../scripts/demo/registry.ts"
import { readVersion, type Version } from "../scripts/demo/tarball.ts"

const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "mortise demo "))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A package packed by npm. */
const packed = (folder: string, name: string): Version => {
  const source = join(folder, "source")
  mkdirSync(source)
  writeFileSync(join(source, "package.json"), JSON.stringify({ name, version: "1.2.3", dependencies: {} }))
  writeFileSync(join(source, "index.js"), "module.exports = 42\n")
  const { stdout } = spawnSync("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: source,
    encoding: "utf8"
  })
  return readVersion(join(folder, JSON.parse(stdout)[0].filename))
}

const upstream = "http://127.0.0.1:9/elsewhere/"

describe("the loopback registry", () => {
  it("gives npm a package whose tarball it can verify", async () => {
    const folder = temporaryFolder()
    const version = packed(folder, "@mortise/sample")
    await using registry = await serveRegistry([version], upstream)
    const app = join(folder, "app")
    mkdirSync(app)
    const npm = spawn(
      "npm",
      ["install", "@mortise/sample", "--registry", registry.url, "--cache", join(folder, "cache")],
      {
        cwd: app
      }
    )
    const [code] = await once(npm, "close")
    assert.strictEqual(code, 0)
    assert.strictEqual(
      readFileSync(join(app, "node_modules/@mortise/sample/index.js"), "utf8"),
      "module.exports = 42\n"
    )
    assert.include(readFileSync(join(app, "package-lock.json"), "utf8"), version.integrity)
  })

  it("sends everything else to the registry behind it", async () => {
    await using registry = await serveRegistry([], upstream)
    for (const path of ["effect", "@scope%2fname", "effect/-/effect-4.1.0.tgz?x=1"]) {
      const response = await fetch(registry.url + path, { redirect: "manual" })
      assert.strictEqual(response.status, 307)
      assert.strictEqual(response.headers.get("location"), upstream + path)
    }
  })

  it("takes nothing", async () => {
    const folder = temporaryFolder()
    await using registry = await serveRegistry([packed(folder, "sample")], upstream)
    assert.strictEqual((await fetch(`${registry.url}sample`, { method: "PUT", body: "{}" })).status, 405)
  })
})

describe("the Chromium of this machine", () => {
  const program = (folder: string, name: string): string => {
    const file = join(folder, name)
    writeFileSync(file, "#!/bin/sh\n")
    chmodSync(file, 0o755)
    return file
  }

  it("is what CHROMIUM says, before what PATH has", () => {
    const folder = temporaryFolder()
    const [own, other] = [program(folder, "own"), program(folder, "chromium")]
    assert.strictEqual(findChromium({ CHROMIUM: own, PATH: folder }), own)
    assert.strictEqual(findChromium({ PATH: `${join(folder, "none")}${delimiter}${folder}` }), other)
  })

  it("is looked for under its three names", () => {
    const folder = temporaryFolder()
    assert.deepStrictEqual(findChromium({ PATH: folder }), {
      missing: "no Chromium found: set CHROMIUM, or put one on PATH"
    })
    const chrome = program(folder, "google-chrome")
    assert.strictEqual(findChromium({ PATH: folder }), chrome)
    const browser = program(folder, "chromium-browser")
    assert.strictEqual(findChromium({ PATH: folder }), browser)
  })

  it("is missing when CHROMIUM leads nowhere, whatever PATH has", () => {
    const folder = temporaryFolder()
    program(folder, "chromium")
    const CHROMIUM = join(folder, "gone")
    assert.deepStrictEqual(findChromium({ CHROMIUM, PATH: folder }), {
      missing: `CHROMIUM is ${CHROMIUM}, which is no program`
    })
  })
})

describe("the conversation of the demo", () => {
  /** Peers in one room, in which `deliver` decides what each of them gets of a message. */
  const room = (deliver: (log: Array<string>, text: string, to: string) => void): ReadonlyArray<Peer> => {
    const logs = new Map<string, Array<string>>()
    return ["ada", "bob", "cyd"].map((name): Peer => {
      logs.set(name, [])
      return {
        title: name,
        name,
        say: async (text) => {
          for (const [to, log] of logs) deliver(log, text, to)
        },
        seen: async () => logs.get(name) ?? [],
        toldToGo: async () => undefined,
        close: async () => undefined
      }
    })
  }
  const fails = async (peers: ReadonlyArray<Peer>, message: RegExp): Promise<void> => {
    const error = await converse("x", peers, 50).then(
      () => undefined,
      (reason: Error) => reason
    )
    assert.match(error?.message ?? "it did not fail", message)
  }

  it("holds when everyone sees everything in one order", async () => {
    const peers = room((log, text) => log.push(text))
    assert.strictEqual(await converse("x", peers, 50), 9)
    // messages of before do not count again
    assert.strictEqual(await converse("y", peers, 50), 9)
  })
  it("fails when a message is lost", () =>
    fails(
      room((log, text, to) => (to === "bob" && text.startsWith("cyd on x, 2") ? 0 : log.push(text))),
      /bob sees all 9 messages: did not happen/
    ))
  it("fails when a message comes twice", () =>
    fails(
      room((log, text) => log.push(...(text.startsWith("ada on x, 1") ? [text, text] : [text]))),
      /saw 10 messages, 9 were said/
    ))
  it("fails when two see another order", () =>
    fails(
      room((log, text, to) => (to === "cyd" ? log.unshift(text) : log.push(text))),
      /cyd saw another order than ada/
    ))
  it("fails when all see the messages of one in a wrong order", () =>
    fails(
      room((log, text) => log.unshift(text)),
      /the messages of ada changed their order/
    ))
})

describe("the raw TCP peer", () => {
  /** The bytes of a worked example of docs/wire.md, without the words beside them. */
  const example = (title: string): Buffer => {
    const page = readFileSync(join(import.meta.dirname, "../docs/wire.md"), "utf8")
    const block = page.slice(page.indexOf(title)).match(/```hex\n([\s\S]*?)```/)?.[1] ?? ""
    const bytes = block.split("\n").map((line) => /^((?:[0-9a-f]{2} ?)*)/.exec(line)?.[1] ?? "")
    return Buffer.from(bytes.join("").replaceAll(" ", ""), "hex")
  }

  it("says hello as docs/wire.md does, and asks with the number that the server gave", async () => {
    const server = createServer()
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    const file = join(import.meta.dirname, "../scripts/demo/raw-tcp-peer.mjs")
    const peer = spawn(process.execPath, [file, "127.0.0.1", String(port), "tess", "lobby"])
    onTestFinished(() => {
      peer.kill("SIGKILL")
      server.close()
    })
    const [socket] = await once(server, "connection")
    const hello = example("The hello of a client")
    assert.strictEqual(hello.length, 23)
    const [first] = await once(socket, "data")
    assert.deepStrictEqual(first, hello)

    // {"messages":[[513,"request","chat.join"]]}, as kind 1
    const table = Buffer.from("81a86d657373616765739193cd0201a772657175657374a9636861742e6a6f696e", "hex")
    const head = Buffer.from([0, 0, 0, 8 + table.length, 1, 0, 0, 0, 0, 0, 0, 0])
    // in two pieces, as TCP may bring it
    const answer = Buffer.concat([head, table])
    socket.write(answer.subarray(0, 7))
    socket.write(answer.subarray(7))
    const [request] = await once(socket, "data")
    assert.strictEqual(request.subarray(4, 12).toString("hex"), "0200020100000001")
    assert.strictEqual(
      request.subarray(12).toString("hex"),
      Buffer.concat([
        Buffer.from([0x82, 0xa4]),
        Buffer.from("name"),
        Buffer.from([0xa4]),
        Buffer.from("tess"),
        Buffer.from([0xa4]),
        Buffer.from("room"),
        Buffer.from([0xa5]),
        Buffer.from("lobby")
      ]).toString("hex")
    )
  })

  it("imports nothing but Node", () => {
    for (const name of ["raw-tcp-peer.mjs", "json-ws-peer.mjs"]) {
      const file = join(import.meta.dirname, "../scripts/demo", name)
      assert.isTrue(existsSync(file))
      for (const [, specifier] of readFileSync(file, "utf8").matchAll(/from "([^"]+)"|import\("([^"]+)"\)/g)) {
        assert.match(specifier ?? "", /^node:/)
      }
    }
  })
})

describe("npm start", () => {
  const start = (...args: ReadonlyArray<string>) =>
    spawnSync(process.execPath, [join(import.meta.dirname, "../scripts/demo.ts"), ...args], { encoding: "utf8" })

  it("says what it takes, and refuses anything else in a sentence", () => {
    const help = start("--help")
    assert.strictEqual(help.status, 0)
    assert.match(help.stdout, /^npm start \[-- OPTIONS\]\n(.|\n)*--check (.|\n)*--keep /)
    const wrong = start("--chekc")
    assert.strictEqual(wrong.status, 2)
    assert.match(wrong.stderr, /^npm start: Unknown option '--chekc'/)
    assert.include(wrong.stderr, "--check ")
    assert.notInclude(wrong.stderr, "node:internal")
  })
})

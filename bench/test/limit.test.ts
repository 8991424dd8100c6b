// @module-tag process
import { mkdtempSync, rmSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { Child } from "../process/Child.ts"
import { type Transport, transports, type Wire, wires } from "../transports/cases.ts"
import { decodeAs } from "../transports/client/Dialogue.ts"
import { helloFrame, requestFrame } from "../transports/client/mortise.ts"
import { connectStream, connectWebSocket, type Peer } from "../transports/client/Peer.ts"
import type { Address, Subject } from "../transports/subjects.ts"
import { payloads } from "./conversation.ts"

/** how long answers may take before the conversation counts as over */
const SILENT_MILLIS = 10_000

const servers: Array<Child> = []
const folder = mkdtempSync(path.join(os.tmpdir(), "mortise-bench-test-"))
afterAll(() => {
  for (const server of servers) server.stop()
  rmSync(folder, { recursive: true })
})

const serve = async (subject: Subject, transport: Transport, wire: Wire): Promise<Address> => {
  const args: Array<string> = [subject, transport, wire]
  if (transport === "unix") args.push(path.join(folder, `${servers.length}.sock`))
  const server = new Child(`the server of ${subject}`, new URL("../transports/server/host.ts", import.meta.url), args)
  servers.push(server)
  return server.ask<Address>()
}

/** Everything that comes on a connection once its hello is answered, byte by byte. */
const bytesOf = (peer: Peer): { readonly upTo: (length: number) => Promise<Buffer> } => {
  const chunks: Array<Buffer> = []
  let length = 0
  let check = (): void => {}
  peer.onFrame = () => {}
  peer.socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    check()
  })
  return {
    upTo: (wanted) =>
      new Promise((resolve) => {
        // answers that are too short are compared as well, so that what differs is seen
        const timer = setTimeout(() => resolve(Buffer.concat(chunks)), SILENT_MILLIS)
        check = () => {
          if (length < wanted) return
          clearTimeout(timer)
          resolve(Buffer.concat(chunks))
        }
        check()
      })
  }
}

interface Hello {
  readonly connection: string
}
/** The hello with the connection's name taken out: servers choose it as they like. */
const withoutName = (wire: Wire, frame: Buffer): string => {
  const { connection } =
    wire === "json"
      ? (decodeAs(wire, frame) as { readonly payload: Hello }).payload
      : (decodeAs(wire, frame.subarray(8)) as Hello)
  const name = wire === "json" ? connection : String.fromCharCode(0xa0 | connection.length) + connection
  const text = frame.toString("latin1")
  assert.strictEqual(text.split(name).length, 2, "the connection's name stands in its hello once")
  return text.replace(name, "<connection>")
}

interface Conversation {
  readonly hello: string
  readonly answers: Buffer
}

/** Hello, then all requests: each in a write of its own, or all in one. `length` is how many bytes the answers have. */
const converse = async (
  address: Address,
  transport: Transport,
  wire: Wire,
  atOnce: boolean,
  length: number
): Promise<Conversation> => {
  const peer = await (transport === "ws" ? connectWebSocket(address, "/ws") : connectStream(address))
  peer.send(helloFrame(wire), wire === "json")
  const hello = withoutName(wire, await peer.next())
  const bytes = bytesOf(peer)
  const message = { name: "bench.echo", number: 1 }
  const requests = payloads(wire).map((payload, i) =>
    peer.bytesOf(requestFrame(wire, message, i + 1, payload), wire === "json")
  )
  for (const request of atOnce ? [Buffer.concat(requests)] : requests) peer.socket.write(request)
  const answers = await bytes.upTo(length)
  peer.onLost = () => {}
  peer.socket.destroy()
  return { hello, answers }
}

/** How many bytes of answers the conversation gives: an answer's frame is computed from docs/wire.md, not from a server. */
const expectedLength = (transport: Transport, wire: Wire): number => {
  let total = 0
  for (const [i, payload] of payloads(wire).entries()) {
    const request = requestFrame(wire, { name: "bench.echo", number: 1 }, i + 1, payload).length
    const more = '"kind":"request"'.length + ',"name":"bench.echo"'.length - '"kind":"response"'.length
    const length = wire === "binary" ? request : request - more
    total += length + (transport !== "ws" ? 4 : length < 126 ? 2 : length < 65536 ? 4 : 10)
  }
  return total
}

describe.each(transports)("the limit on %s", (transport) => {
  it.each(wires)("answers in %s byte for byte as Mortise does", async (wire) => {
    const addresses = await Promise.all([serve("limit", transport, wire), serve("mortise-inline", transport, wire)])
    const length = expectedLength(transport, wire)
    for (const atOnce of [false, true]) {
      const [limit, mortise] = await Promise.all(
        addresses.map((address) => converse(address, transport, wire, atOnce, length))
      )
      assert.strictEqual(limit?.hello, mortise?.hello)
      assert.strictEqual(limit?.answers.length, length)
      assert.isTrue(limit?.answers.equals(mortise?.answers as Buffer), "the answers are the same bytes")
    }
  })
})

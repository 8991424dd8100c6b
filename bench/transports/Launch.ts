import path from "node:path"
import { Child } from "../process/Child.ts"
import { scratch } from "../process/scratch.ts"
import type { EchoCase } from "./cases.ts"
import type { Question } from "./client/host.ts"
import type { Measured } from "./client/Load.ts"
import { type Address, dialectOf, messageOf, type Subject } from "./subjects.ts"

let sockets = 0

/** All servers of a case side by side, each in its process, and the client that puts one after another under load. */
export class Launch {
  private readonly client: Child
  private readonly servers = new Map<Subject, Child>()

  constructor() {
    this.client = new Child("the load client", new URL("./client/host.ts", import.meta.url), [])
  }

  async open(echo: EchoCase, subjects: ReadonlyArray<Subject>): Promise<void> {
    const addresses = await Promise.all([
      this.client.ask(),
      ...subjects.map(async (subject) => [subject, await this.serve(echo, subject)] as const)
    ])
    for (const entry of addresses.slice(1) as ReadonlyArray<readonly [Subject, Address]>) {
      const [subject, address] = entry
      await this.question({
        type: "open",
        load: subject,
        dialogue: {
          dialect: dialectOf(subject),
          transport: echo.transport,
          wire: echo.wire,
          message: messageOf(subject)
        },
        address,
        serverPid: (this.servers.get(subject) as Child).pid,
        connections: echo.connections,
        payloadBytes: echo.payloadBytes
      })
    }
  }

  /** Puts one server under load for a while; the others are idle. */
  run(subject: Subject, millis: number): Promise<Measured> {
    return this.question({ type: "run", load: subject, millis })
  }

  stop(): void {
    this.client.stop()
    for (const server of this.servers.values()) server.stop()
  }

  private question<A>(question: Question): Promise<A> {
    return this.client.ask<A>(question)
  }

  private serve(echo: EchoCase, subject: Subject): Promise<Address> {
    const args: Array<string> = [subject, echo.transport, echo.wire]
    if (echo.transport === "unix") args.push(path.join(scratch(), `${++sockets}.sock`))
    const server = new Child(`the server of ${subject}`, new URL("./server/host.ts", import.meta.url), args)
    this.servers.set(subject, server)
    return server.ask<Address>()
  }
}

import * as Schema from "effect/Schema"
import type { Message } from "../../transport/Contract.ts"
import { coderFor } from "../../transport/internal/coder.ts"
import type { PayloadCoder, Wire } from "../../transport/Wire.ts"

/** The messages of the client's contracts: under which number the server serves each, and how it is coded. */
export class MessageTable {
  private readonly wire: Wire
  private readonly messages: ReadonlyMap<string, Message>
  private readonly numbers = new Map<string, number>()
  /** what is served, by number and by name */
  private readonly served = new Map<number | string, Message>()
  private readonly coders = new Map<unknown, PayloadCoder>()

  constructor(wire: Wire, messages: ReadonlyArray<Message>) {
    this.wire = wire
    this.messages = new Map(messages.map((message) => [message.name, message]))
    // without a hello there is no table: everything is believed to be served, under its name
    if (!wire.hello) this.know(messages.map(({ kind, name }) => [0, kind, name]))
  }

  get all(): Iterable<Message> {
    return this.messages.values()
  }

  /** Takes what a hello lists. */
  know(table: ReadonlyArray<readonly [number, string, string]>): void {
    for (const [number, , name] of table) {
      const message = this.messages.get(name)
      if (message === undefined) continue
      this.numbers.set(name, number)
      this.served.set(number, message)
      this.served.set(name, message)
    }
  }

  /** The number of a message; undefined where the server does not serve it. */
  numberOf(name: string): number | undefined {
    return this.numbers.get(name)
  }

  find(message: number | string): Message | undefined {
    return this.served.get(message)
  }

  coder(message: Message, part: "payload" | "success" | "error"): PayloadCoder {
    const { definition, kind, payload } = message
    const schema = part === "payload" ? payload : kind === "relay" ? Schema.Int : definition[part]
    const key = schema ?? "none"
    let coder = this.coders.get(key)
    if (coder === undefined) this.coders.set(key, (coder = coderFor(this.wire, schema)))
    return coder
  }
}

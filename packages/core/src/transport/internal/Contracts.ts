import type * as Context from "effect/Context"
import type { Any } from "../Contract.ts"
import { Door } from "./Door.ts"
import { type Served, Table } from "./table.ts"

/** The contracts that a gateway serves: their messages, their hooks, and the one place that knows who callers are. */
export class Contracts {
  readonly table = new Table()
  readonly served: Array<Served> = []
  /** undefined where no contract asks who callers are */
  door: Door | undefined
  private readonly context: Context.Context<never>
  private readonly deadlineMillis: number

  constructor(context: Context.Context<never>, deadlineMillis: number) {
    this.context = context
    this.deadlineMillis = deadlineMillis
  }

  /** Adds one; gives why it cannot be served, where it cannot. */
  add(implementation: Served): string | undefined {
    const { auth, contract } = implementation
    const problem = unsupported(contract)
    if (problem !== undefined) return problem
    if (auth !== undefined && this.door !== undefined && this.door.auth !== auth)
      return `${contract.name} brings an Auth of its own: all contracts of a gateway have one`
    try {
      this.table.add(implementation, this.deadlineMillis)
    } catch (cause) {
      return (cause as Error).message
    }
    if (auth !== undefined) this.door ??= new Door(auth, this.context)
    this.served.push(implementation)
    return undefined
  }
}

/** The parts of a contract that this version declares and does not serve. */
const unsupported = (contract: Any): string | undefined => {
  const call = contract.messages.find((message) => message.kind === "call")
  if (call !== undefined) return `${call.name} is a call from server to client; the gateway does not serve calls yet`
  const fed = contract.messages.find((message) => message.definition.input !== undefined)
  return fed === undefined
    ? undefined
    : `${fed.name} is fed by a stream ("input"); the gateway does not serve those yet`
}

import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as Principal from "../../auth/Principal.ts"
import type { Any, Message } from "../Contract.ts"
import type { Fault } from "../Wire.ts"

/** What one message asks of whoever sends it; there is none for messages that everybody may send. */
export class Guard {
  private readonly name: string
  private readonly optional: boolean
  private readonly scopes: ReadonlyArray<string>

  constructor(message: Message) {
    const requires = message.requires as "required" | "optional" | ReadonlyArray<string>
    this.name = message.name
    this.optional = requires === "optional"
    this.scopes = typeof requires === "string" ? [] : requires
  }

  /** Why this caller may not; undefined where it may. `seen` is the principal in the form that the contract asks for. */
  refuses(principal: Principal.Principal | undefined, seen: unknown): Fault | undefined {
    if (principal === undefined) return this.optional ? undefined : { code: "UNAUTHENTICATED", message: this.nobody }
    if (seen === misfit) {
      return {
        code: "FORBIDDEN",
        message: `${this.name} is for principals of another form than the one that this connection has`
      }
    }
    if (Principal.hasScopes(principal, this.scopes)) return undefined
    const missing = this.scopes.filter((scope) => !principal.scopes.includes(scope)).join(", ")
    return { code: "FORBIDDEN", message: `${this.name} is for those who have the scope ${missing}` }
  }

  private get nobody(): string {
    return `${this.name} is for those who have said who they are: log in, or connect with credentials that are still good`
  }
}

export const guardOf = (message: Message): Guard | undefined =>
  message.requires === undefined || message.requires === "none" ? undefined : new Guard(message)

/** Stands for a principal that has not the form that a contract asks for. */
export const misfit: unique symbol = Symbol("misfit")

/** The principal as the handlers of a contract see it. */
export const seenBy = (contract: Any): ((principal: Principal.Principal) => unknown) => {
  const form = contract.spec.auth?.principal
  if (form === undefined) return () => undefined
  const decode = Schema.decodeUnknownExit(form)
  return (principal) => {
    const exit = decode(principal)
    return Exit.isSuccess(exit) ? exit.value : misfit
  }
}

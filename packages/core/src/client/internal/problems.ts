import * as Exit from "effect/Exit"
import type { Message } from "../../transport/Contract.ts"
import type { Fault, InvalidPayload } from "../../transport/Wire.ts"
import {
  type AuthError,
  ConnectionClosed,
  ContractMismatch,
  Forbidden,
  Overloaded,
  RequestFault,
  Unauthenticated
} from "../ClientError.ts"

/** An error that the contract does not declare, one answer instead of a stream, a stream instead of one answer. */
export const otherForm = ({ name }: Message): Exit.Exit<never, ContractMismatch> =>
  Exit.fail(
    new ContractMismatch({
      request: name,
      message: `The server answered ${name} in a form that this contract does not have: it has another version of it`
    })
  )

/** A fault as the callers of a message know it. */
export const told = (message: Message, fault: unknown): RequestFault | AuthError => {
  const error = faulted(message.name, fault)
  if (message.requires === undefined) return error
  const about = { request: message.name, message: error.message }
  if (error.fault === "UNAUTHENTICATED") return new Unauthenticated(about)
  return error.fault === "FORBIDDEN" ? new Forbidden(about) : error
}

/** A hello belongs to all messages: where one of them knows of auth, whoever connects does. */
export const helloRefused = (messages: Iterable<Message>, fault: unknown): RequestFault | AuthError => {
  const knowing = [...messages].find(({ requires }) => requires !== undefined)
  return knowing === undefined ? faulted("hello", fault) : told({ ...knowing, name: "hello" }, fault)
}

/** A fault as it came, also where it has not the form of one: whoever asked gets an answer even so. */
const faulted = (request: string, fault: unknown): RequestFault => {
  const { code, message, path, reference, retryAfterMillis } = (
    typeof fault === "object" && fault !== null ? fault : {}
  ) as {
    readonly [field in keyof Fault]?: unknown
  }
  const text = typeof message === "string" ? message : "the server answered with a fault that says nothing"
  return new RequestFault({
    request,
    fault: typeof code === "string" ? code : "INTERNAL",
    // many faults name the message themselves: a signal's has nothing else to tell which it was
    message: text.includes(request) ? text : `${request}: ${text}`,
    path: Array.isArray(path) ? path.map(String) : [],
    reference: typeof reference === "string" ? reference : undefined,
    ...(typeof retryAfterMillis === "number" && Number.isFinite(retryAfterMillis) ? { retryAfterMillis } : {})
  })
}

export const behind = (request: string): Overloaded =>
  new Overloaded({ request, message: `The reader of ${request} fell too far behind what came: read faster, or less` })

export const queueFull = (request: string): Overloaded =>
  new Overloaded({
    request,
    message: `${request} was not sent: the connection's queue is full, or it is larger than a frame may be; wait for answers, or send less`
  })

export const notServed = (request: string): ContractMismatch =>
  new ContractMismatch({
    request,
    message: `The server does not serve ${request}: it has another version of the contract`
  })

export const badPayload = (request: string, { message, path }: InvalidPayload): RequestFault =>
  new RequestFault({
    request,
    fault: "BAD_PAYLOAD",
    message: `${request} was not sent: its payload does not match the contract${at(path)}: ${message}`,
    path,
    reference: undefined
  })

/** What the server sent is not what the contract says. */
export const mismatch = (request: string, { message, path }: InvalidPayload): ContractMismatch =>
  new ContractMismatch({
    request,
    message: `What the server sent for ${request} does not match the contract${at(path)}: ${message}`
  })

export const closedWith = (code: number, reason: string): ConnectionClosed =>
  new ConnectionClosed({
    closeCode: code,
    message: reason === "" ? `The connection closed with code ${code}` : `The connection closed: ${reason} (${code})`
  })

const at = (path: ReadonlyArray<string>): string => (path.length === 0 ? "" : ` at "${path.join(".")}"`)

import type { EchoCase, Transport, Wire } from "./cases.ts"

export const subjects = ["limit", "mortise-inline", "mortise-fiber", "mortise-suspends", "ws", "socket.io"] as const
/** With a log; measured by the area `log`, beside those without. */
export const logged = ["mortise-inline-logged", "mortise-fiber-logged", "mortise-fiber-refused-line"] as const
export type Subject = (typeof subjects)[number] | (typeof logged)[number]

/** The language a subject speaks with the load client. */
export type Dialect = "mortise" | "ws" | "socket.io"

export const dialectOf = (subject: Subject): Dialect =>
  subject === "ws" || subject === "socket.io" ? subject : "mortise"

/** The request that a subject is sent: the one that suspends declares how many may run at a time. */
export const messageOf = (subject: Subject): string => (subject === "mortise-suspends" ? "bench.hop" : "bench.echo")

export const subjectsOf = (echo: EchoCase): ReadonlyArray<Subject> =>
  subjects.filter((subject) => dialectOf(subject) === "mortise" || echo.transport === "ws")

/** What a server process is told. */
export interface ServerSpec {
  readonly subject: Subject
  readonly transport: Transport
  readonly wire: Wire
}

/** Where a server listens: a port on 127.0.0.1, or the path of a Unix socket. */
export type Address = { readonly port: number } | { readonly path: string }

/** A server that echoes; resolves once it listens. */
export type Start = (at: Address) => Promise<Address>

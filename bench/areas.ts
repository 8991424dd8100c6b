import type { Options, Row } from "./report/Row.ts"

/** What can be measured. A module is loaded only when its area is asked for. */
export interface Area {
  readonly summary: string
  readonly load: () => Promise<{ readonly run: (options: Options) => Promise<ReadonlyArray<Row>> }>
}

export const areas: { readonly [name: string]: Area } = {
  transports: {
    summary: "server CPU per echo, beside hand-written servers, ws and socket.io",
    load: () => import("./transports/run.ts")
  },
  crypto: {
    summary: "time of cryptographic operations, beside node:crypto, noble and libsodium",
    load: () => import("./crypto/run.ts")
  },
  types: {
    summary: "what the type checker spends on large compositions",
    load: () => import("./types/run.ts")
  },
  orm: {
    summary: "time of queries on SQLite, beside node:sqlite by hand, Drizzle and Kysely",
    load: () => import("./orm/run.ts")
  },
  auth: {
    summary: "time of logins and checks of sessions, and what the time of a failed login says",
    load: () => import("./auth/run.ts")
  },
  tasks: {
    summary: "tasks worked off in a second on SQLite, beside a queue by hand in the same table, and in memory",
    load: () => import("./tasks/run.ts")
  },
  start: {
    summary: "time from process start to the last listener, beside a bare HTTP server",
    load: () => import("./start/run.ts")
  },
  events: {
    summary: "the event bus beside a plain PubSub, and on NATS beside the bare client",
    load: () => import("./events/run.ts")
  },
  log: {
    summary: "what a log costs an echo that writes no line, and a line that is refused or written",
    load: () => import("./log/run.ts")
  },
  "client-size": {
    summary: "gzipped size of a client for the browser",
    load: () => import("./client-size/run.ts")
  }
}

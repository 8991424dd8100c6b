export type { StreamConnectorOptions, StreamListenerOptions, StreamOptions } from "./StreamOptions.ts"
export * as Tcp from "./Tcp.ts"
export * as Unix from "./Unix.ts"

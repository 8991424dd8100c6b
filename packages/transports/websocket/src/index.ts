export * as WebSocket from "./WebSocket.ts"

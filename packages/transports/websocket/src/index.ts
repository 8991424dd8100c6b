export * as WebSocket from "./WebSocket.ts"
export { WebSocketListener, websocket } from "./WebSocketPlugin.ts"

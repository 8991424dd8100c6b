/**
 * What is used of node:http, by another door: an `import` of it as a value reads all its exports, one of which makes Node
 * load its whole client for fetch and WebSocket, a third of the time that a bare server takes to start.
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule("node:http")

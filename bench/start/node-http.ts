/** What Node takes to start with nothing but a server: the measure of everything else. */
import http from "node:http"
import { enableCompileCache } from "node:module"

enableCompileCache()
const server = http.createServer((_request, response) => response.end("hello"))
server.listen(0, "127.0.0.1", () => console.log("ready"))
process.on("SIGTERM", () => process.exit(0))

/**
 * Keeps `npm test -- --fast` honest: a test that is not tagged but starts a program or calls a service fails, and is told
 * the tag that it lacks. Loaded by vitest before each test file when `MORTISE_FAST` is set.
 */
import childProcess from "node:child_process"
import { syncBuiltinESMExports } from "node:module"
import net from "node:net"

/** Ports of the services that CI starts, with their names. */
const services: Readonly<Record<number, string>> = {
  1883: "Mosquitto",
  3306: "MariaDB",
  4222: "NATS",
  5432: "PostgreSQL",
  5672: "RabbitMQ",
  6379: "Redis"
}

const refuse = (what: string, tag: string): never => {
  throw new Error(`--fast: this test ${what}. Put "// @module-tag ${tag}" at the beginning of its file.`)
}

for (const name of ["spawn", "spawnSync", "exec", "execSync", "execFile", "execFileSync", "fork"] as const) {
  childProcess[name] = (() => refuse(`starts a program (${name})`, "process")) as never
}

const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (this: net.Socket, ...args: ReadonlyArray<unknown>) {
  // node hands over what it has normalised: an array of options and callback
  const first = Array.isArray(args[0]) ? args[0][0] : args[0]
  const port = Number(typeof first === "object" && first !== null ? (first as { port?: unknown }).port : first)
  const service = services[port]
  if (service !== undefined) refuse(`calls ${service}`, "service")
  return (connect as (...args: Array<unknown>) => net.Socket).apply(this, [...args])
} as never

syncBuiltinESMExports()

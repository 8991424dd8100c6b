/** The NATS server that the tests talk to: `NATS_URL`, or the standard port of this machine. */
import net from "node:net"
import { describe } from "vitest"

const url = new URL(process.env.NATS_URL ?? "nats://127.0.0.1:4222")
export const host = url.hostname
export const port = Number(url.port || "4222")
export const server = `nats://${host}:${port}`

const reachable = await new Promise<boolean>((resolve) => {
  const socket = net.connect(port, host)
  socket.once("data", () => {
    socket.destroy()
    resolve(true)
  })
  socket.once("error", () => resolve(false))
})

if (!reachable) {
  const what = `no NATS server at ${server}: its tests are not run (set NATS_URL)`
  if (process.env.CI === "true") throw new Error(what)
  console.warn(`\n!!! ${what} !!!\n`)
}

/** The tests of `register`, or one that is skipped by name where there is no server. */
export const withServer = (name: string, register: () => void): void => {
  if (reachable) register()
  else describe.skip(`${name} (no NATS server)`, register)
}

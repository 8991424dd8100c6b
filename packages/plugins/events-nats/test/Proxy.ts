import { once } from "node:events"
import net from "node:net"

/** A server between client and server whose connections can be cut. */
export class Proxy {
  private readonly sockets = new Set<net.Socket>()
  private readonly server: net.Server
  private open = true

  private constructor(port: number, host: string) {
    this.server = net.createServer({ noDelay: true }, (client) => {
      if (!this.open) return void client.destroy()
      const upstream = net.connect({ port, host, noDelay: true })
      for (const socket of [client, upstream]) {
        this.sockets.add(socket)
        socket.on("error", () => undefined)
        socket.on("close", () => {
          this.sockets.delete(socket)
          client.destroy()
          upstream.destroy()
        })
      }
      client.pipe(upstream).pipe(client)
    })
  }

  static async to(port: number, host: string): Promise<Proxy> {
    const proxy = new Proxy(port, host)
    proxy.server.listen(0, "127.0.0.1")
    await once(proxy.server, "listening")
    return proxy
  }

  get port(): number {
    return (this.server.address() as net.AddressInfo).port
  }
  /** Ends every connection and takes no more. */
  cut(): void {
    this.open = false
    for (const socket of this.sockets) socket.destroy()
  }
  restore(): void {
    this.open = true
  }
  async close(): Promise<void> {
    this.cut()
    this.server.close()
    await once(this.server, "close")
  }
}

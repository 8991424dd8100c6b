import { once } from "node:events"
import type { AddressInfo } from "node:net"
import type { Address } from "../subjects.ts"

interface Server extends NodeJS.EventEmitter {
  readonly address: () => AddressInfo | string | null
}

/** The address of a server that was told to listen, once it does. */
export const whenListening = async (server: Server): Promise<Address> => {
  await once(server, "listening")
  return { port: (server.address() as AddressInfo).port }
}

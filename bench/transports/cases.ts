/** What is measured: one echo case for each transport, wire, size and number of connections. */

export const transports = ["tcp", "unix", "ws"] as const
export type Transport = (typeof transports)[number]
export const wires = ["json", "binary"] as const
export type Wire = (typeof wires)[number]

export interface EchoCase {
  readonly name: string
  readonly transport: Transport
  readonly wire: Wire
  /** Size of the payload as JSON. */
  readonly payloadBytes: number
  readonly connections: number
}

const sizes = [
  ["64B", 64],
  ["1KiB", 1024]
] as const

/** Requests that each connection keeps in flight. */
export const IN_FLIGHT = 100

export const cases: ReadonlyArray<EchoCase> = transports.flatMap((transport) =>
  wires.flatMap((wire) =>
    sizes.flatMap(([size, payloadBytes]) =>
      [1, 50].map((connections) => ({
        name: `echo/${transport}/${wire}/${size}/c${connections}`,
        transport,
        wire,
        payloadBytes,
        connections
      }))
    )
  )
)

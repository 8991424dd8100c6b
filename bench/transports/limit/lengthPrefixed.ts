/** A server of frames behind a length of four bytes: everything in a chunk is answered with one write. */
import net, { type Socket } from "node:net"
import type { Address, Start } from "../subjects.ts"
import { Output } from "./Output.ts"

export const LENGTH = 4

/** Answers one frame into the output, behind the place for its length. */
export type OnFrame = (socket: Socket, output: Output, bytes: Buffer, start: number, end: number) => void

const lengthAt = (b: Buffer, at: number): number =>
  (b[at] as number) * 0x1000000 + (((b[at + 1] as number) << 16) | ((b[at + 2] as number) << 8) | (b[at + 3] as number))

export const writeLength = (b: Buffer, at: number, length: number): void => {
  b[at] = length >>> 24
  b[at + 1] = (length >>> 16) & 0xff
  b[at + 2] = (length >>> 8) & 0xff
  b[at + 3] = length & 0xff
}

export const serve =
  (onFrame: OnFrame): Start =>
  (at) => {
    const output = new Output()
    const server = net.createServer({ noDelay: true }, (socket) => {
      let rest: Buffer | undefined
      socket.on("error", () => socket.destroy())
      socket.on("data", (data) => {
        let chunk = data
        let start = 0
        if (rest !== undefined) {
          const need = rest.length < LENGTH ? Number.POSITIVE_INFINITY : LENGTH + lengthAt(rest, 0) - rest.length
          if (need > chunk.length) chunk = Buffer.concat([rest, chunk])
          else {
            // only the frame that was cut is put together, not the chunk behind it
            const frame = Buffer.concat([rest, chunk.subarray(0, need)])
            onFrame(socket, output, frame, LENGTH, frame.length)
            start = need
          }
          rest = undefined
        }
        const length = chunk.length
        while (start + LENGTH <= length) {
          const end = start + LENGTH + lengthAt(chunk, start)
          if (end > length) break
          onFrame(socket, output, chunk, start + LENGTH, end)
          start = end
        }
        if (start < length) rest = chunk.subarray(start)
        output.send(socket)
      })
    })
    return listen(server, at)
  }

export const listen = (server: net.Server, at: Address): Promise<Address> =>
  new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen("path" in at ? { ...at, backlog: 4096 } : { ...at, host: "127.0.0.1", backlog: 4096 }, () => {
      const address = server.address()
      resolve(typeof address === "object" && address !== null ? { port: address.port } : at)
    })
  })

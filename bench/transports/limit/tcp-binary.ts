/** The limit of the binary wire on TCP and Unix sockets. */
import { LENGTH, serve, writeLength } from "./lengthPrefixed.ts"
import { answer } from "./packing.ts"

export const start = serve((socket, output, bytes, start, end) => {
  const length = answer(socket, output, bytes, start, end, LENGTH)
  const at = output.to
  writeLength(output.bytes, at, length)
  output.to = at + LENGTH + length
})

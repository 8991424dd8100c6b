/** The limit of the binary wire on WebSocket. */
import { answer } from "./packing.ts"
import { headerOf, serve, writeHeader } from "./webSocket.ts"

export const start = serve((socket, output, bytes, start, end) => {
  // an echo is as long as its question, apart from the request's header, which is as long as the answer's
  const guess = headerOf(end - start)
  const length = answer(socket, output, bytes, start, end, guess)
  const header = headerOf(length)
  const from = output.to + header
  if (header !== guess) output.bytes.copyWithin(from, output.to + guess, output.to + guess + length)
  writeHeader(output.bytes, from, length, "binary")
  output.to = from + length
})

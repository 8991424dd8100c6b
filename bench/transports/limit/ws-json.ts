/** The limit of the json wire on WebSocket. */
import { hello } from "./hello.ts"
import type { TextBuffer } from "./text.ts"
import { headerOf, serve, writeHeader } from "./webSocket.ts"

export const start = serve((socket, output, bytes, start, end) => {
  const message = JSON.parse((bytes as TextBuffer).utf8Slice(start, end))
  const text =
    message.kind === "hello"
      ? `{"kind":"hello","payload":${JSON.stringify(hello)}}`
      : `{"kind":"response","id":${message.id},"payload":${JSON.stringify(message.payload)}}`
  output.ensure(socket, text.length * 3 + 10)
  const out = output.bytes as TextBuffer
  let from = output.to + headerOf(text.length)
  const length = out.utf8Write(text, from)
  const header = headerOf(length)
  if (output.to + header !== from) {
    // more bytes than characters, and so a longer header than was left free
    out.copyWithin(output.to + header, from, from + length)
    from = output.to + header
  }
  writeHeader(out, from, length, "text")
  output.to = from + length
})

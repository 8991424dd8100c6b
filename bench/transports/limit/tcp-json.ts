/** The limit of the json wire on TCP and Unix sockets. */
import { hello } from "./hello.ts"
import { LENGTH, serve, writeLength } from "./lengthPrefixed.ts"
import type { TextBuffer } from "./text.ts"

export const start = serve((socket, output, bytes, start, end) => {
  const message = JSON.parse((bytes as TextBuffer).utf8Slice(start, end))
  const text =
    message.kind === "hello"
      ? `{"kind":"hello","payload":${JSON.stringify(hello)}}`
      : `{"kind":"response","id":${message.id},"payload":${JSON.stringify(message.payload)}}`
  output.ensure(socket, text.length * 3 + LENGTH)
  const at = output.to
  const length = (output.bytes as TextBuffer).utf8Write(text, at + LENGTH)
  writeLength(output.bytes, at, length)
  output.to = at + LENGTH + length
})

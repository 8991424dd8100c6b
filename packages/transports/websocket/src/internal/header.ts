/** Headers of frames from server to client, which are never masked; always the shortest length form (RFC 6455 §5.2). */

/** Largest header of a server's frame, in bytes. */
export const MAX_HEADER_BYTES = 10

/** Bytes of the header in front of this many bytes. */
export const headerSize = (length: number): number => (length < 126 ? 2 : length < 65536 ? 4 : 10)

/** Writes the header at `at`; `first` is the byte with FIN and opcode. */
export const writeHeader = (target: Uint8Array, at: number, first: number, length: number): void => {
  target[at] = first
  if (length < 126) target[at + 1] = length
  else if (length < 65536) {
    target[at + 1] = 126
    target[at + 2] = length >>> 8
    target[at + 3] = length & 255
  } else {
    target[at + 1] = 127
    // no frame of ours reaches 2^32 bytes: it could not be allocated
    target.fill(0, at + 2, at + 6)
    target[at + 6] = length >>> 24
    target[at + 7] = (length >>> 16) & 255
    target[at + 8] = (length >>> 8) & 255
    target[at + 9] = length & 255
  }
}

/**
 * Memory for frames, not zeroed where that can be had: whoever allocates hands out only what was written.
 *
 * On Node it is a Buffer, as the chunks of a socket are: code that reads frames sees one kind of object and stays fast,
 * writing it to a socket needs no wrapper, and a reader that relies on `slice` being a copy is found out everywhere.
 */
export const allocate: (bytes: number) => Uint8Array =
  typeof Buffer === "function" ? (bytes) => Buffer.allocUnsafeSlow(bytes) : (bytes) => new Uint8Array(bytes)

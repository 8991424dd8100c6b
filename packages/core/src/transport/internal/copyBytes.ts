/**
 * A range of bytes in memory of its own, as a plain `Uint8Array`. Frames often lie in a Buffer of Node's: its own `slice`
 * is a view, and that of `Uint8Array` gives a Buffer again, which users' code would take for something else.
 */
export const copyBytes = (bytes: Uint8Array, start: number, end: number): Uint8Array => {
  const copy = new Uint8Array(end - start)
  if (copy.length <= 64) for (let i = 0; i < copy.length; i++) copy[i] = bytes[start + i] as number
  else copy.set(bytes.subarray(start, end))
  return copy
}

import { writeUtf8 } from "../text.ts"

/** A field's name as MessagePack. */
export const packedKey = (name: string): Uint8Array => {
  const room = new Uint8Array(name.length * 3 + 3)
  const n = writeUtf8(room, name, 3)
  if (n < 0x20) {
    room[2] = 0xa0 | n
    return room.slice(2, 3 + n)
  }
  room[1] = 0xd9
  room[2] = n
  return room.slice(1, 3 + n)
}

/**
 * What members with sender keys tell each other through their pairwise sessions.
 *
 * | bytes | field |
 * |---|---|
 * | 1 | format: 1 |
 * | 4 + n | id of the group |
 * | 4, each 4 + n | members: all of them in a welcome, otherwise none |
 * | 4, each 4 + n | members who were added |
 * | 4, each 4 + n | members who were removed |
 * | 1 | 1 if a key follows, otherwise 0 |
 * | 16, 32, 4, 32 | key id, chain key, number of the next message, signing key |
 */
import { concat, prefixed, Reader, text, u32 } from "./Bytes.ts"
import { KEY_ID_BYTES } from "./SenderKeyState.ts"

const FORMAT = 1

export interface SenderKey {
  readonly keyId: Uint8Array
  readonly chainKey: Uint8Array
  readonly next: number
  readonly signingKey: Uint8Array
}

export interface GroupNotice {
  readonly group: string
  readonly members: ReadonlyArray<string>
  readonly added: ReadonlyArray<string>
  readonly removed: ReadonlyArray<string>
  readonly key: SenderKey | undefined
}

const names = (list: ReadonlyArray<string>): Uint8Array =>
  concat(u32(list.length), ...list.map((name) => prefixed(text(name))))

export const encode = ({ added, group, key, members, removed }: GroupNotice): Uint8Array =>
  concat(
    Uint8Array.of(FORMAT),
    prefixed(text(group)),
    names(members),
    names(added),
    names(removed),
    key === undefined
      ? Uint8Array.of(0)
      : concat(Uint8Array.of(1), key.keyId, key.chainKey, u32(key.next), key.signingKey)
  )

/** Nothing when `payload` is not a notice, or names more than `maxMembers` in a list. */
export const decode = (payload: Uint8Array, maxMembers: number): GroupNotice | undefined => {
  const reader = new Reader(payload)
  let overfull = reader.u8() !== FORMAT
  const list = (): ReadonlyArray<string> => {
    const length = reader.u32()
    overfull ||= length > maxMembers
    return overfull ? [] : Array.from({ length }, () => reader.text())
  }
  const group = reader.text()
  const [members, added, removed] = [list(), list(), list()]
  const key =
    reader.u8() === 1
      ? {
          keyId: reader.take(KEY_ID_BYTES).slice(),
          chainKey: reader.take(32).slice(),
          next: reader.u32(),
          signingKey: reader.take(32).slice()
        }
      : undefined
  return reader.finished && !overfull ? { group, members, added, removed, key } : undefined
}

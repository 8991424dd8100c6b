/** Close codes and reasons (RFC 6455 §7.4). */
import { isUtf8 } from "node:buffer"
import { MAX_CONTROL_BYTES } from "./opcode.ts"

/** No code came with the peer's close frame (§7.4.1); never sent. */
export const NO_STATUS = 1005
/** The connection went away without a close frame (§7.4.1); never sent. */
export const ABNORMAL = 1006
export const PROTOCOL_ERROR = 1002
export const INVALID_UTF8 = 1007
export const TOO_BIG = 1009
export const INTERNAL = 1011

/** Codes that may stand in a close frame: the registered ones up to 1014, those of libraries (3xxx) and of apps (4xxx). */
export const isSendable = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && code !== 1004 && code !== NO_STATUS && code !== ABNORMAL) ||
  (code >= 3000 && code <= 4999)

/** Payload of a close frame; a reason that does not fit is cut between two characters. */
export const closePayload = (code: number, reason: string): Uint8Array => {
  if (!isSendable(code)) return new Uint8Array(0)
  const payload = new Uint8Array(MAX_CONTROL_BYTES)
  payload[0] = code >> 8
  payload[1] = code & 255
  const { written } = new TextEncoder().encodeInto(reason, payload.subarray(2))
  return payload.subarray(0, 2 + written)
}

export interface Closing {
  readonly code: number
  readonly reason: string
}

/** What a peer's close frame says; `problem` is the code that an invalid one is answered with. */
export const parseClose = (payload: Uint8Array): Closing & { readonly problem?: number } => {
  if (payload.length === 0) return { code: NO_STATUS, reason: "" }
  if (payload.length === 1)
    return { code: PROTOCOL_ERROR, reason: "Close payload of one byte", problem: PROTOCOL_ERROR }
  const code = ((payload[0] as number) << 8) | (payload[1] as number)
  if (!isSendable(code)) {
    return { code: PROTOCOL_ERROR, reason: `Close code ${code} must not be sent`, problem: PROTOCOL_ERROR }
  }
  const reason = payload.subarray(2)
  if (!isUtf8(reason)) return { code: INVALID_UTF8, reason: "Close reason is not UTF-8", problem: INVALID_UTF8 }
  return { code, reason: Buffer.from(reason.buffer, reason.byteOffset, reason.length).toString() }
}

import type { Argon2Parameters } from "../Password.ts"

/** An argon2id hash, taken apart. */
export interface Phc {
  readonly parameters: Argon2Parameters
  readonly salt: Uint8Array
  readonly hash: Uint8Array
}

/** Base64 without padding, as the PHC string format has it. */
const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64").replaceAll("=", "")
const FORM = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/

/** https://github.com/P-H-C/phc-string-format */
export const formatPhc = ({ hash, parameters, salt }: Phc): string =>
  `$argon2id$v=19$m=${parameters.memory},t=${parameters.passes},p=${parameters.parallelism}$${encode(salt)}$${encode(hash)}`

/** Undefined where it is no argon2id hash of 32 bytes, or one that would cost more than 256 MiB or 16 passes to check. */
export const parsePhc = (text: string): Phc | undefined => {
  const [, memory, passes, parallelism, salt, hash] = FORM.exec(text) ?? []
  if (salt === undefined || hash === undefined) return undefined
  const parameters = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  const { memory: m, parallelism: p, passes: t } = parameters
  if (p < 1 || p > 16 || t < 1 || t > 16 || m < 8 * p || m > 262_144) return undefined
  const bytes = Buffer.from(hash, "base64")
  return bytes.length === 32 ? { parameters, salt: Buffer.from(salt, "base64"), hash: bytes } : undefined
}

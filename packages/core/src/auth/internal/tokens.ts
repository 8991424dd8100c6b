import { createHash, randomBytes, timingSafeEqual } from "node:crypto"

/** 256 bits from the system's generator, where 128 are asked for (OWASP ASVS 5.0, 7.2.3). */
const BYTES = 32
const LENGTH = 43

/** A token that says what it is (`prefix`), so that authenticators and secret scanners know it. */
export const makeToken = (prefix: string): string => prefix + randomBytes(BYTES).toString("base64url")

/** Whether a text has the form of such a token. */
export const isToken = (prefix: string, text: string): boolean =>
  text.length === prefix.length + LENGTH && text.startsWith(prefix) && /^[\w-]+$/.test(text)

/** What is kept of a token: a store that leaks does not log in. A plain hash does, because tokens cannot be guessed. */
export const hashToken = (token: string): string => createHash("sha256").update(token, "utf8").digest("hex")

/** An id that may be shown. */
export const makeId = (): string => randomBytes(16).toString("base64url")

/** Compares two secrets in a time that does not depend on where they differ, nor on their lengths. */
export const equalSecrets = (one: string, other: string): boolean =>
  timingSafeEqual(
    createHash("sha256").update(one, "utf8").digest(),
    createHash("sha256").update(other, "utf8").digest()
  )

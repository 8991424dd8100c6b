const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
// RFC 7617 §2 allows no control characters, which are those of the category Cc
const CONTROL = /\p{Cc}/u

/** Name and password behind `Basic`; undefined where it has not that form. */
export const parseBasic = (text: string): readonly [username: string, password: string] | undefined => {
  if (!BASE64.test(text)) return undefined
  let pair: string
  try {
    pair = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(text, "base64"))
  } catch {
    return undefined
  }
  const colon = pair.indexOf(":")
  if (colon < 0 || CONTROL.test(pair)) return undefined
  return [pair.slice(0, colon), pair.slice(colon + 1)]
}

/** The body of a message: the payload as JSON in UTF-8. */
const strict = new TextDecoder("utf-8", { fatal: true })
const { utf8Slice } = Buffer.prototype as unknown as { readonly utf8Slice: (start: number, end: number) => string }

/** The payload as text, `null` where there is none. */
export const bodyText = (payload: unknown): string => JSON.stringify(payload ?? null)
export const body = (payload: unknown): Uint8Array => Buffer.from(bodyText(payload))

export interface Parsed {
  readonly payload: unknown
  readonly malformed: string | undefined
}

export const parse = (data: Uint8Array): Parsed => {
  try {
    // invalid bytes become U+FFFD; in a text that is all Latin-1 the search for it ends at once
    const text = utf8Slice.call(data, 0, data.length)
    if (text.indexOf("\ufffd") < 0) return { payload: JSON.parse(text), malformed: undefined }
  } catch {
    // told apart below
  }
  return parseStrictly(data)
}

const parseStrictly = (data: Uint8Array): Parsed => {
  try {
    return { payload: JSON.parse(strict.decode(data)), malformed: undefined }
  } catch (cause) {
    // V8 quotes the text in its message, which may be what nobody should read in a log
    const what = cause instanceof SyntaxError ? "the body is no JSON" : "the body is no UTF-8"
    return { payload: undefined, malformed: data.length === 0 ? "the body is empty" : what }
  }
}

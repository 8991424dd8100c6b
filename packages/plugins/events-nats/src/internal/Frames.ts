/** A message to a subject, as it stands on the wire: `HPUB subject header-bytes all-bytes`, the header, the body. */
export interface Frame {
  readonly bytes: Uint8Array
  /** What the server's `max_payload` counts: header and body. */
  readonly payload: number
}

/** Makes frames of text: many short ones share one allocation, and none is written to twice. */
export class Frames {
  private page = Buffer.allocUnsafeSlow(PAGE)
  private used = 0

  /** The subject must have no white space; the header ends with an empty line. */
  frame(subject: string, header: string, body: string): Frame {
    const payload = header.length + body.length
    const head = `HPUB ${subject} ${header.length} ${payload}\r\n${header}`
    // a character of UTF-16 has at most three bytes
    const most = (head.length + body.length) * 3 + 2
    if (most > LONGEST) return wide(subject, header, body)
    const from = this.room(most)
    const { page } = this
    const to = from + head.length + body.length
    // apart, so that the body, most of it, need not be copied to stand behind the head
    const written = from + page.write(head, from, "utf8")
    if (written + page.write(body, written, "utf8") !== to) return wide(subject, header, body)
    page[to] = CR
    page[to + 1] = LF
    this.used = to + 2
    return { bytes: new Uint8Array(page.buffer, from, this.used - from), payload }
  }

  private room(bytes: number): number {
    if (this.used + bytes > PAGE) {
      this.page = Buffer.allocUnsafeSlow(PAGE)
      this.used = 0
    }
    return this.used
  }
}

const CR = 0x0d
const LF = 0x0a
const PAGE = 65_536
/** What is longer has an allocation of its own. */
const LONGEST = 8192

/** A frame with characters of several bytes, or a long one. */
const wide = (subject: string, header: string, body: string): Frame => {
  const before = Buffer.byteLength(header)
  const payload = before + Buffer.byteLength(body)
  return { bytes: Buffer.from(`HPUB ${subject} ${before} ${payload}\r\n${header}${body}\r\n`), payload }
}

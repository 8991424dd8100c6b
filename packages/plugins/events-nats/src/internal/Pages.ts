/** Text into bytes: many short pieces share one allocation, and none is written to twice. */
export class Pages {
  private page = Buffer.allocUnsafeSlow(PAGE)
  private used = 0

  /** Bytes of UTF-8. */
  utf8(text: string): Uint8Array {
    // a character of UTF-16 has at most three bytes
    const most = text.length * 3
    if (most > LONGEST) return Buffer.from(text)
    const at = this.room(most)
    this.used = at + this.page.write(text, at, most, "utf8")
    return new Uint8Array(this.page.buffer, at, this.used - at)
  }

  private room(bytes: number): number {
    if (this.used + bytes > PAGE) {
      this.page = Buffer.allocUnsafeSlow(PAGE)
      this.used = 0
    }
    return this.used
  }
}

const PAGE = 65_536
/** What is longer has an allocation of its own. */
const LONGEST = 8192

import * as fs from "node:fs"
import * as path from "node:path"
import type { TurnShape } from "../../Turn.ts"

export interface RotatingFileOptions {
  readonly path: string
  /** Bytes of a file before the next one begins. */
  readonly maxBytes: number
  /** Full files that are kept beside the one that is written: `app.log.1` is the youngest. */
  readonly maxFiles: number
  /** Whether each day (UTC) begins a file. */
  readonly daily: boolean
}

/** Lines that wait for the end of the turn; above it they are written at once. */
const waitingBytes = 65_536

const reasonOf = (error: unknown): string => {
  const code = (error as NodeJS.ErrnoException).code
  return code ?? (error instanceof Error ? error.message : String(error))
}

/**
 * Appends lines to a file and begins a new one when it is full or, if wanted, when a day begins. Written once in a turn of
 * the event loop, without waiting for it: what a line costs does not depend on how many there are. A file that was removed or
 * moved away is made again; lines that cannot be written are dropped and counted, and the first is told of.
 */
export class RotatingFile {
  private descriptor: number | undefined
  private size = 0
  private day = ""
  private lines: Array<string> = []
  private waiting = 0
  private scheduled = false
  private lost = 0
  /** A disk that became full may have taken half a line. */
  private half = false
  private failing = false
  private readonly options: RotatingFileOptions
  private readonly turn: TurnShape
  private readonly complain: (text: string) => void
  private readonly atExit = () => this.flush()

  constructor(options: RotatingFileOptions, turn: TurnShape, complain: (text: string) => void) {
    this.options = options
    this.turn = turn
    this.complain = complain
    process.on("exit", this.atExit)
  }

  /** `day` as 2026-01-15; `line` without its end. */
  write(line: string, day: string): void {
    if (this.options.daily && this.lines.length > 0 && day !== this.day) this.flush()
    if (this.lines.length === 0 && day !== this.day) this.begin(day)
    this.lines.push(line)
    this.waiting += line.length
    if (this.waiting >= waitingBytes) return this.flush()
    if (this.scheduled) return
    this.scheduled = true
    this.turn.schedule(() => {
      this.scheduled = false
      this.flush()
    })
  }

  flush(): void {
    if (this.lines.length === 0) return
    const lines = this.lines
    this.lines = []
    this.waiting = 0
    let written = 0
    try {
      this.open()
      for (const batch of this.batches(lines)) {
        this.append(batch.text)
        written += batch.count
      }
      if (this.failing)
        this.complain(`the log file ${this.options.path} is written again; ${this.lost} lines were lost`)
      this.failing = false
      this.lost = 0
    } catch (error) {
      this.lost += lines.length - written
      this.shut()
      if (!this.failing) {
        this.complain(
          `the log file ${this.options.path} cannot be written (${reasonOf(error)}); its lines are lost until it can be`
        )
      }
      this.failing = true
    }
  }

  /** Writes what waits. Lines that come later open the file again. */
  close(): void {
    this.flush()
    this.shut()
    process.off("exit", this.atExit)
  }

  /** What fits into the file, then what fits into the next. */
  private *batches(lines: ReadonlyArray<string>): Iterable<{ readonly text: Buffer; readonly count: number }> {
    let text: Array<string> = []
    let bytes = 0
    for (const line of lines) {
      const more = Buffer.byteLength(line) + 1
      if (this.size + bytes + more > this.options.maxBytes && this.size + bytes > 0) {
        if (text.length > 0) yield { text: Buffer.from(text.join("")), count: text.length }
        this.rotate()
        text = []
        bytes = 0
      }
      text.push(`${line}\n`)
      bytes += more
    }
    if (text.length > 0) yield { text: Buffer.from(text.join("")), count: text.length }
  }

  private append(bytes: Buffer): void {
    const whole = this.half ? Buffer.concat([Buffer.from("\n"), bytes]) : bytes
    let at = 0
    while (at < whole.length) {
      const count = fs.writeSync(this.descriptor!, whole, at)
      at += count
      this.size += count
      this.half = at < whole.length
    }
  }

  /** The file of its name, whatever became of the one that was open. */
  private open(): void {
    if (this.descriptor !== undefined) {
      const open = fs.fstatSync(this.descriptor)
      const named = fs.statSync(this.options.path, { throwIfNoEntry: false })
      if (named !== undefined && named.ino === open.ino && named.dev === open.dev) return
      this.shut()
    }
    fs.mkdirSync(path.dirname(this.options.path), { recursive: true })
    this.descriptor = fs.openSync(this.options.path, "a", 0o600)
    const found = fs.fstatSync(this.descriptor)
    this.size = found.isFile() ? found.size : 0
    this.half = false
  }

  private shut(): void {
    if (this.descriptor === undefined) return
    const { descriptor } = this
    this.descriptor = undefined
    try {
      fs.closeSync(descriptor)
    } catch {
      // what closing has to say was said by the write before it
    }
  }

  /** A day begins, in this process or since the last one wrote. */
  private begin(day: string): void {
    const before = this.day
    this.day = day
    if (!this.options.daily) return
    try {
      const found = fs.statSync(this.options.path, { throwIfNoEntry: false })
      const last = before === "" ? found?.mtime.toISOString().slice(0, 10) : before
      if (found !== undefined && found.size > 0 && last !== undefined && last < day) this.rotate()
    } catch (error) {
      this.complain(`the log file ${this.options.path} could not be rotated (${reasonOf(error)})`)
    }
  }

  /** app.log becomes app.log.1, which becomes app.log.2; the oldest goes. */
  private rotate(): void {
    const { maxFiles, path: file } = this.options
    this.shut()
    if (maxFiles === 0) fs.rmSync(file, { force: true })
    for (let i = maxFiles - 1; i >= 0; i--) {
      const from = i === 0 ? file : `${file}.${i}`
      if (fs.existsSync(from)) fs.renameSync(from, `${file}.${i + 1}`)
    }
    this.open()
  }
}

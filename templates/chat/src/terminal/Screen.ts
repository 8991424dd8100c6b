import { clearScreenDown, createInterface, cursorTo, moveCursor } from "node:readline"
import { Writable } from "node:stream"
import { styleText } from "node:util"

/** Lines of a conversation above a line that is being written. Without a terminal: plain lines in and out. */
export interface Screen {
  /** Prints above the line that is being written. */
  readonly print: (line: string) => void
  /** What stands before the line that is being written; without a terminal nothing does. */
  readonly prompt: (text: string) => void
  /** Asks for a line that is not shown while it is typed, until one comes or `shown` is called. */
  readonly hidden: (question: string) => void
  readonly shown: () => void
  readonly close: () => void
}

export interface Listeners {
  readonly line: (text: string) => void
  /** A key was pressed that writes something. */
  readonly key: () => void
  /** The end of the input, or Ctrl+C. */
  readonly end: () => void
}

const { stdin: input, stdout: output } = process

export const open = (on: Listeners): Screen => {
  const isTerminal = input.isTTY === true && output.isTTY === true
  let closed = false
  /** What is asked for, while what is typed is not shown. */
  let asking: string | undefined
  let before = ""
  // readline shows what is typed by writing it; while a secret is asked for, only the question passes
  const shown = new Writable({
    write: (chunk, _, done) => {
      if (asking === undefined) output.write(chunk)
      done()
    }
  })
  const lines = createInterface({
    input,
    output: isTerminal ? Object.assign(shown, { columns: output.columns }) : output,
    terminal: isTerminal,
    prompt: ""
  })
  if (isTerminal) output.on("resize", () => Object.assign(shown, { columns: output.columns }))

  /** Takes away the prompt and what is written after it, on however many rows that is. */
  const wipe = (rows: number): void => {
    cursorTo(output, 0)
    if (rows > 0) moveCursor(output, 0, -rows)
    clearScreenDown(output)
  }

  /** What is typed is shown again; the question goes. */
  const unhide = (): void => {
    if (asking === undefined) return
    asking = undefined
    if (!isTerminal || closed) return
    wipe(0)
    lines.setPrompt(before)
    lines.prompt()
  }

  // the arrow up shows what was typed before, but no secret
  lines.on("history", (history) => {
    if (asking !== undefined) history.shift()
  })
  lines.on("line", (text) => {
    if (asking !== undefined) {
      unhide()
      return on.line(text)
    }
    // the line comes back as a message: once is enough
    if (isTerminal) wipe(1 + Math.floor((lines.getPrompt().length + text.length) / (output.columns || 80)))
    on.line(text)
    if (isTerminal && !closed) lines.prompt()
  })
  lines.on("close", () => {
    closed = true
    on.end()
  })
  if (isTerminal) {
    input.on("keypress", (character?: string) => {
      if (asking === undefined && character !== undefined && /^\P{Cc}+$/u.test(character)) on.key()
    })
  }

  return {
    print: (line) => {
      if (closed || !isTerminal) return void output.write(`${line}\n`)
      if (asking !== undefined) {
        wipe(0)
        return void output.write(`${line}\n${asking}`)
      }
      wipe(lines.getCursorPos().rows)
      output.write(`${line}\n`)
      lines.prompt(true)
    },
    prompt: (text) => {
      if (asking !== undefined) return void (before = text)
      if (!isTerminal || closed) return
      wipe(lines.getCursorPos().rows)
      lines.setPrompt(text)
      lines.prompt(true)
    },
    hidden: (question) => {
      if (closed || asking !== undefined) return
      if (isTerminal) {
        wipe(lines.getCursorPos().rows)
        output.write(question)
        before = lines.getPrompt()
        lines.setPrompt("")
      }
      asking = question
    },
    shown: unhide,
    close: () => {
      if (closed) return
      if (isTerminal) wipe(lines.getCursorPos().rows)
      lines.close()
    }
  }
}

export const faint = (text: string): string => styleText("dim", text)
export const bold = (text: string): string => styleText("bold", text)

const colours = ["cyan", "green", "yellow", "blue", "magenta", "red"] as const
/** A name in its colour: always the same one. */
export const coloured = (name: string): string => {
  let hash = 0
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 9973
  return styleText(["bold", colours[hash % colours.length] ?? "cyan"], name)
}

/**
 * What may be shown of bytes that somebody sent: a terminal obeys control characters, and no server has looked into a
 * whisper.
 */
export const printable = (bytes: Uint8Array): string =>
  new TextDecoder()
    .decode(bytes.subarray(0, 8192))
    .replace(/[^\P{Cc}\n\t]|[\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, "\ufffd")

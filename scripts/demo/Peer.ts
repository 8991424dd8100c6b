import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { poll } from "./poll.ts"

/** One who is in the chat, however it speaks. */
export interface Peer {
  /** What it is: "raw TCP, binary wire". */
  readonly title: string
  readonly name: string
  readonly say: (text: string) => Promise<void>
  /** The texts of all messages so far, in the order in which they came. */
  readonly seen: () => Promise<ReadonlyArray<string>>
  /** Resolves when the server has said goodbye to it. */
  readonly toldToGo: () => Promise<void>
  readonly close: () => Promise<void>
}

interface Line {
  readonly event: "joined" | "message" | "said" | "goaway" | "error" | "closed"
  readonly text?: string
  readonly message?: string
}

/** How long a peer may take to join or to see something, in milliseconds. */
export const patience = 15_000

/** Starts a program that speaks as `raw-tcp-peer.mjs` does, and waits until it is in the room. */
export const startPeer = async (options: {
  readonly title: string
  readonly name: string
  readonly file: string
  readonly args: ReadonlyArray<string>
  readonly cwd: string
}): Promise<Peer> => {
  const child: ChildProcess = spawn(process.execPath, [options.file, ...options.args], {
    cwd: options.cwd,
    stdio: ["pipe", "pipe", "pipe"]
  })
  const lines: Array<Line> = []
  let errors = ""
  child.stderr?.on("data", (chunk) => {
    errors += String(chunk)
  })
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line) as Line))
  }
  const happened = (event: Line["event"]) =>
    poll(`${options.title}: ${event}`, patience, () => {
      const error = lines.find((line) => line.event === "error")
      if (error !== undefined) throw new Error(`${options.title}: ${error.message}`)
      if (child.exitCode !== null && child.exitCode !== 0) throw new Error(`${options.title} ended:\n${errors}`)
      return lines.some((line) => line.event === event)
    })
  const close = async (): Promise<void> => {
    child.kill("SIGKILL")
  }
  try {
    await happened("joined")
  } catch (error) {
    await close()
    throw error
  }
  return {
    title: options.title,
    name: options.name,
    say: async (text) => {
      child.stdin?.write(`${text}\n`)
    },
    seen: async () => lines.flatMap((line) => (line.event === "message" && line.text !== undefined ? [line.text] : [])),
    toldToGo: () => happened("goaway"),
    close
  }
}

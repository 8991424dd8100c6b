import { type ChildProcess, spawn } from "node:child_process"

/** An app as a process of its own, and what it says. */
export class Run {
  out = ""
  err = ""
  readonly ended: Promise<number | string | null>
  readonly #child: ChildProcess
  readonly #waiting = new Set<() => void>()

  constructor(file: string, ...args: ReadonlyArray<string>) {
    const env = { ...process.env, FORCE_COLOR: "0" }
    this.#child = spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "pipe"], env })
    this.#child.stdout?.on("data", (chunk) => this.#heard(() => (this.out += String(chunk))))
    this.#child.stderr?.on("data", (chunk) => this.#heard(() => (this.err += String(chunk))))
    this.ended = new Promise((resolve) => this.#child.on("close", (code, signal) => resolve(code ?? signal)))
  }

  #heard(take: () => void) {
    take()
    for (const check of this.#waiting) check()
  }

  /** Resolves when standard output holds the text; rejects with what there is when the process ends without it. */
  says(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!this.out.includes(text)) return
        this.#waiting.delete(check)
        resolve()
      }
      this.#waiting.add(check)
      check()
      void this.ended.then((code) => reject(new Error(`ended with ${code} before "${text}":\n${this.out}${this.err}`)))
    })
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Closes the other end of standard output. */
  stopReading(): void {
    this.#child.stdout?.destroy()
  }

  get lines(): ReadonlyArray<string> {
    return this.out.trim().split("\n")
  }

  get events(): ReadonlyArray<Record<string, unknown>> {
    return this.lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL")
  }
}

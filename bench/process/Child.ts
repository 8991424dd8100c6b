import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"

const ANSWER_MILLIS = 60_000

/** What a child says: the answer to the last question, or why there is none. */
export type Reply<A> = { readonly ok: A } | { readonly error: string }

/** A program of the bench in a process of its own, asked one question at a time. */
export class Child {
  readonly name: string
  readonly process: ChildProcess
  private readonly output: Array<string> = []

  constructor(name: string, module: URL, args: ReadonlyArray<string>) {
    this.name = name
    this.process = fork(fileURLToPath(module), args, {
      execArgv: ["--disable-warning=ExperimentalWarning"],
      stdio: ["ignore", "pipe", "pipe", "ipc"]
    })
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output.push(text)
        if (this.output.length > 100) this.output.shift()
      })
    }
  }

  get pid(): number {
    return this.process.pid as number
  }

  /** The child's next message; `question` is sent first where there is one. */
  ask<A>(question?: object): Promise<A> {
    return new Promise((resolve, reject) => {
      const settle = (how: () => void): void => {
        clearTimeout(timer)
        this.process.off("message", onMessage)
        this.process.off("exit", onExit)
        how()
      }
      const fail = (what: string): void =>
        settle(() => reject(new Error(`${this.name} ${what}\n${this.output.join("").slice(-4000)}`.trimEnd())))
      const onMessage = (reply: Reply<A>): void =>
        "ok" in reply ? settle(() => resolve(reply.ok)) : fail(`failed: ${reply.error}`)
      const onExit = (code: number | null, signal: string | null): void => fail(`ended (${signal ?? code})`)
      const timer = setTimeout(() => fail(`has not answered within ${ANSWER_MILLIS / 1000} s`), ANSWER_MILLIS)
      this.process.on("message", onMessage)
      this.process.on("exit", onExit)
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        onExit(this.process.exitCode, this.process.signalCode)
      } else if (question !== undefined) this.process.send(question)
    })
  }

  stop(): void {
    this.process.removeAllListeners()
    this.process.kill("SIGKILL")
  }
}

/** The other side: answers each question with what `handle` gives, and ends with the parent. */
export const answer = <Q>(handle: (question: Q) => Promise<unknown>): void => {
  process.on("disconnect", () => process.exit(0))
  process.on("message", (question) => {
    handle(question as Q).then(
      (ok) => reply({ ok: ok ?? null }),
      (error: unknown) => reply({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    )
  })
}

export const reply = (message: Reply<unknown>): void => {
  process.send?.(message)
}

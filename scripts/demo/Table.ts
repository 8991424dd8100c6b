/** The steps of the demo: each is shown as it ends, and all of them as a table at the end. */
export type Result = "passed" | "failed" | "not run"

interface Row {
  readonly step: string
  readonly result: Result
  readonly seconds: number
  readonly note: string
}

const signs: Readonly<Record<Result, string>> = { passed: "✓", failed: "✗", "not run": "–" }

export class Table {
  readonly rows: Array<Row> = []
  readonly started = performance.now()

  /** Runs a step; its value, a text, becomes the note beside it. A step that throws is told and thrown on. */
  async step<A>(step: string, run: () => Promise<A>, note: (value: A) => string = () => ""): Promise<A> {
    const start = performance.now()
    // on a terminal a step shows while it runs; its result takes the line over
    if (process.stdout.isTTY) process.stdout.write(`… ${step}\r`)
    try {
      const value = await run()
      this.#add({ step, result: "passed", seconds: (performance.now() - start) / 1000, note: note(value) })
      return value
    } catch (error) {
      this.#add({ step, result: "failed", seconds: (performance.now() - start) / 1000, note: firstLine(error) })
      throw error
    }
  }

  /** Notes a step that was left out, and why. */
  skip(step: string, note: string, result: Result = "not run"): void {
    this.#add({ step, result, seconds: 0, note })
  }

  #add(row: Row): void {
    this.rows.push(row)
    const time = row.seconds < 0.05 ? "" : ` (${row.seconds.toFixed(1)} s)`
    console.log(`${signs[row.result]} ${row.step}${time}${row.note === "" ? "" : `: ${row.note}`}`)
  }

  /** The table of all steps. */
  print(): void {
    const width = Math.max(...this.rows.map(({ step }) => step.length))
    const total = ((performance.now() - this.started) / 1000).toFixed(1)
    const count = (result: Result): number => this.rows.filter((row) => row.result === result).length
    console.log(`\n${"step".padEnd(width)}  result   seconds`)
    for (const { result, seconds, step } of this.rows) {
      console.log(`${step.padEnd(width)}  ${result.padEnd(7)}  ${seconds.toFixed(1).padStart(7)}`)
    }
    console.log(`${"total".padEnd(width)}           ${total.padStart(7)}`)
    console.log(`\n${count("passed")} passed, ${count("failed")} failed, ${count("not run")} not run`)
  }

  get failed(): boolean {
    return this.rows.some(({ result }) => result === "failed")
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? ""

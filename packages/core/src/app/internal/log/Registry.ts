import * as LogLevel from "effect/LogLevel"
import { type Category, categories, type Entry, type Sink } from "../../LogSink.ts"
import { Sampler } from "./Sampler.ts"
import { SecretText } from "./SecretText.ts"

/** The levels, sinks, secrets and samples of one app's log. */
export class Registry {
  readonly secrets = new SecretText()
  readonly sampler = new Sampler()
  /** What local time lacks to UTC, in minutes: lines have UTC, people have clocks. */
  offsetMinutes = 0
  /** The process was started to be looked at: what a configuration says of levels and samples does not count. */
  debugging = false
  private readonly levels = new Map<Category, LogLevel.LogLevel>()
  private readonly ordinals: { [C in Category]: number }
  private readonly sinks = new Map<string, Sink>()
  private readonly broken = new Set<string>()

  constructor() {
    const info = LogLevel.getOrdinal("Info")
    this.ordinals = {
      operation: info,
      integration: info,
      security: info,
      performance: info,
      request: info,
      error: info
    }
    for (const category of categories) this.levels.set(category, "Info")
  }

  enabled(category: Category, level: LogLevel.LogLevel): boolean {
    return LogLevel.getOrdinal(level) >= this.ordinals[category]
  }

  setLevel(category: Category, level: LogLevel.LogLevel): void {
    this.levels.set(category, level)
    this.ordinals[category] = LogLevel.getOrdinal(level)
  }

  /** Lets every line through. Levels may be set again while the app runs. */
  debug(): void {
    this.debugging = true
    for (const category of categories) this.setLevel(category, "Trace")
  }

  level(category: Category): LogLevel.LogLevel {
    return this.levels.get(category)!
  }

  /** Puts a sink in the place of the one of its name; gives a way to take it back, and what was there before. */
  put(sink: Sink): () => void {
    const before = this.sinks.get(sink.name)
    this.sinks.set(sink.name, sink)
    this.broken.delete(sink.name)
    return () => {
      if (this.sinks.get(sink.name) !== sink) return
      if (before === undefined) this.sinks.delete(sink.name)
      else this.sinks.set(sink.name, before)
    }
  }

  remove(name: string): void {
    this.sinks.delete(name)
  }

  write(entry: Entry, except?: string): void {
    for (const sink of this.sinks.values()) {
      if (sink.name === except) continue
      try {
        sink.write(entry)
      } catch (error) {
        if (this.broken.has(sink.name)) continue
        this.broken.add(sink.name)
        this.complain(`the log's sink "${sink.name}" broke: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }

  /** Where the log itself has a problem, standard error is what is left. */
  complain(text: string): void {
    process.stderr.write(`✗ ${this.secrets.clean(text, 4096)}\n`)
  }
}

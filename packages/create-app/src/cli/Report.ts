import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** What a run ends with on standard output when `--json` was given. */
export type Result = { readonly ok: boolean } & Readonly<Record<string, unknown>>

/** Where a run's words go: people read them on standard output, programs get one JSON object there and nothing else. */
export class Report extends Context.Service<
  Report,
  {
    readonly json: boolean
    /** A line for people; with `--json` on standard error. */
    readonly say: (line: string) => Effect.Effect<void>
    /** The result for programs; without `--json` nothing. */
    readonly result: (result: Result) => Effect.Effect<void>
    /** What went wrong: for people on standard error, for programs as the result. */
    readonly fail: (error: { readonly code: string; readonly message: string }, exitCode: number) => Effect.Effect<void>
  }
>()("create-mortise/cli/Report") {
  static readonly layer = (options: { readonly json: boolean }): Layer.Layer<Report> => {
    const result = (value: Result) => (options.json ? Console.log(JSON.stringify(value)) : Effect.void)
    return Layer.succeed(Report, {
      json: options.json,
      say: options.json ? Console.error : Console.log,
      result,
      fail: ({ code, message }, exitCode) =>
        options.json ? result({ ok: false, exitCode, error: { code, message } }) : Console.error(message)
    })
  }
}

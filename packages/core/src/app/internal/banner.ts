import type { Entry } from "../Listening.ts"
import type { Timing } from "./start.ts"

/** What the banner tells. */
export interface Ready {
  readonly name: string
  readonly listening: ReadonlyArray<Entry>
  readonly timings: ReadonlyArray<Timing>
  /** Milliseconds from the start of the process. */
  readonly totalMillis: number
  /** Everything is logged; default false. */
  readonly debugging?: boolean
}

const millis = (value: number): string => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`
const bold = (text: string): string => `\u001b[1m${text}\u001b[22m`
const dim = (text: string): string => `\u001b[2m${text}\u001b[22m`

const columns = (listening: ReadonlyArray<Entry>): ReadonlyArray<string> => {
  const width = Math.max(0, ...listening.map(({ name }) => name.length))
  return listening.map(({ address, name }) => `  ${name.padEnd(width)}  ${address}`)
}

/** For a terminal. Plugins that took under half a millisecond are left out. */
export const pretty = ({ debugging = false, listening, name, timings, totalMillis }: Ready): string => {
  const spent = timings
    .map(({ activationMillis, layerMillis, plugin }) => ({ plugin, time: activationMillis + layerMillis }))
    .filter(({ time }) => time >= 0.5)
    .map(({ plugin, time }) => `${plugin} ${millis(time)}`)
  return [
    "",
    `  ${bold(name)} is ready after ${millis(totalMillis)}`,
    "",
    ...(listening.length === 0 ? [dim("  nothing listens")] : columns(listening)),
    ...(spent.length === 0 ? [] : ["", dim(`  ${spent.join(" · ")}`)]),
    ...(debugging
      ? ["", `  ${bold("debugging")}: every line of the log, and every frame (← in, → out), without secrets`]
      : []),
    "",
    ""
  ].join("\n")
}

const hundredths = (value: number): number => Math.round(value * 100) / 100

/** For a log: one line of JSON, times in milliseconds. */
export const json = ({ debugging = false, listening, name, timings, totalMillis }: Ready): string =>
  `${JSON.stringify({
    event: "ready",
    name,
    pid: process.pid,
    listening,
    totalMillis: hundredths(totalMillis),
    ...(debugging ? { debugging } : {}),
    plugins: timings.map(({ activationMillis, layerMillis, plugin }) => ({
      name: plugin,
      layerMillis: hundredths(layerMillis),
      activationMillis: hundredths(activationMillis)
    }))
  })}\n`

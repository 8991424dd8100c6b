/** One short line for people, on standard error: standard output belongs to the command. */
export const say = (line) => {
  process.stderr.write(`mortise: ${line}\n`)
}

/** An end that is explained by one sentence; everything else is a bug and shows its stack. */
export class Stop extends Error {
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Seconds since `start` (milliseconds), for a line that says how long something took. */
export const since = (start) => `${((Date.now() - start) / 1000).toFixed(1)} s`

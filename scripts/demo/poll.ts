/** Looks every 20 ms whether something holds, and fails with its name when it still does not after so many milliseconds. */
export const poll = async (what: string, millis: number, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const end = performance.now() + millis
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what}: did not happen within ${millis / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

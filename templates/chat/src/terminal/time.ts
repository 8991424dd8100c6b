const two = (number: number): string => String(number).padStart(2, "0")

/** A moment in local time, as in the page: `14:05`, with its date when that is not today: `2026-03-01 14:05`. */
export const timeOf = (at: Date, now = new Date()): string => {
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`
  if (at.toDateString() === now.toDateString()) return clock
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock}`
}

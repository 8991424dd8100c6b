const two = (number) => String(number).padStart(2, "0")

/** A moment in local time: `14:05`, with its date when that is not today: `2026-03-01 14:05`. */
export const timeOf = (at, now = new Date()) => {
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`
  if (at.toDateString() === now.toDateString()) return clock
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock}`
}

import type * as Random from "effect/Random"

type RandomShape = (typeof Random.Random)["Service"]

// Crockford's base 32, as ULIDs have it: sorts like the numbers it stands for
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
const TIME = 10
const COUNT = 4
const NODE = 12

const digits = (value: number, length: number): string => {
  let text = ""
  for (let rest = value, i = 0; i < length; i++, rest = Math.floor(rest / 32)) text = DIGITS.charAt(rest % 32) + text
  return text
}

/**
 * Ids that sort in the order in which one process made them: milliseconds, a counter, and 60 random bits that tell
 * processes apart. Never decreasing, whatever `now` says.
 */
export const taskIds = (random: RandomShape): ((now: number) => string) => {
  let node = ""
  for (let i = 0; i < NODE; i++) node += DIGITS.charAt(Math.floor(random.nextDoubleUnsafe() * 32))
  let time = 0
  let count = 0
  let prefix = ""
  return (now) => {
    if (now > time || ++count >= 32 ** COUNT) {
      time = Math.max(now, time + 1)
      count = 0
      prefix = digits(time, TIME)
    }
    return prefix + digits(count, COUNT) + node
  }
}

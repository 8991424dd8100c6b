/** `/remind`, the same in the terminal and in the page. */

/** A day: who wants to be reminded later has a calendar. */
export const maxMinutes = 1440

export const help = "/remind MINUTES TEXT"
export const usage = `${help} says TEXT to the room after MINUTES, a whole number from 1 to ${maxMinutes} (a day).`

/** What was typed after `/remind`; undefined where it has not the form that `usage` tells. */
export const parse = (rest: string): { readonly minutes: number; readonly text: string } | undefined => {
  const [, digits, text] = /^(\d+)\s+(\S.*)$/s.exec(rest) ?? []
  const minutes = Number(digits)
  return text === undefined || minutes < 1 || minutes > maxMinutes ? undefined : { minutes, text }
}

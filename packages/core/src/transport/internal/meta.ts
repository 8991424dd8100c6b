import type { Meta } from "../Wire.ts"

/** The deadline that the sender asks for; text says what is wrong. */
export const readMeta = (meta: Meta, maxDeadlineMillis: number): number | string | undefined => {
  let deadline: number | undefined
  for (const [key, value] of meta) {
    if (key === "deadline") {
      if (typeof value !== "string" || !/^\d{1,12}$/.test(value))
        return `The meta key "deadline" must be milliseconds in digits`
      deadline = Math.min(Number(value), maxDeadlineMillis)
    } else if (key.startsWith("!")) return `The critical meta key ${JSON.stringify(key.slice(0, 64))} is not known here`
  }
  return deadline
}

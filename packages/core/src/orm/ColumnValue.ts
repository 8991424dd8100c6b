/** What values the kinds of columns take, the same on every database; for those who write dialects. */

const minBigInteger = -(2n ** 63n)
const maxBigInteger = 2n ** 63n - 1n

/** Whether 64 bits hold it. */
export const fits64 = (value: bigint): boolean => value >= minBigInteger && value <= maxBigInteger

/** NUL and lone surrogates are what no database keeps as text. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes("\0")

const digits = /^-?(\d+)(?:\.(\d+))?$/

/** Writes a decimal with exactly `scale` digits behind the point; undefined when it is none or does not fit exactly. */
export const exactDecimal = (
  value: string,
  { precision, scale }: { readonly precision: number; readonly scale: number }
): string | undefined => {
  const parts = digits.exec(value)
  if (parts === null) return undefined
  const whole = (parts[1] as string).replace(/^0+(?=\d)/, "")
  const given = (parts[2] ?? "").replace(/0+$/, "")
  if (given.length > scale || (whole === "0" ? 0 : whole.length) > precision - scale) return undefined
  const text = scale === 0 ? whole : `${whole}.${given.padEnd(scale, "0")}`
  return value.startsWith("-") && /[1-9]/.test(text) ? `-${text}` : text
}

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const isUuid = (value: string): boolean => uuidForm.test(value)

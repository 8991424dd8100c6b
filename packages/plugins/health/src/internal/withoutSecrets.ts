/**
 * What a check says goes to whoever may ask for readiness. A check is to say nothing secret; an error of a driver, passed
 * on as it came, may. What looks like a secret is left out: credentials of an address, and values behind a telling name.
 */

/** Longer texts are cut: a reason is a sentence. */
const MAX_LENGTH = 300

const telling =
  "pass(?:word|wd|phrase)?|pwd|secret|token|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key|credentials?|auth(?:orization)?|signature"

const rules: ReadonlyArray<readonly [RegExp, string]> = [
  // scheme://user:password@host, and scheme://token@host
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*(?:@[^\s/@]*)*@/gi, "$1***@"],
  [/-----BEGIN [A-Z ]+-----[\s\S]*?(?:-----END [A-Z ]+-----|$)/g, "***"],
  [/\b(bearer|basic)\s+[a-z0-9._~+/=-]{6,}/gi, "$1 ***"],
  // the three parts of a JSON Web Token
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, "***"],
  // password=x, "apiKey": "x", DB_PASSWORD: x
  [new RegExp(`((?:${telling})\\w*["']?\\s*[=:]\\s*)("[^"]*"|'[^']*'|[^\\s,;&)}\\]]+)`, "gi"), "$1***"]
]

/** Text without what looks like a secret, in one line of printable characters, cut after 300. */
export const withoutSecrets = (text: string): string => {
  let clean = text.slice(0, 10 * MAX_LENGTH)
  for (const [pattern, by] of rules) clean = clean.replace(pattern, by)
  clean = clean.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim()
  return clean.length > MAX_LENGTH ? `${clean.slice(0, MAX_LENGTH - 1)}…` : clean
}

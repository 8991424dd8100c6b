import * as Redacted from "effect/Redacted"
import { soundsSecret } from "../../ConfigSchema.ts"

export const HIDDEN = "<redacted>"

// what the keys of configurations do not have, and headers, cookies and drivers do
const soundsSecretInLogs = /authori[sz]ation|cookie|api[-_ ]?key|(?:^|[^a-z])pwd|^auth$|^pass$|^bearer$/i

/** Whether what stands under a key is hidden whatever it is. */
export const isSecretKey = (key: string): boolean => {
  const part = key.length > 256 ? key.slice(0, 256) : key
  return soundsSecret.test(part) || soundsSecretInLogs.test(part)
}

// One look tells most texts from those that may hold a secret. All repetitions below are bounded: the time is linear.
const suspicious = /:\/\/|passw|pwd|passphrase|secret|token|credential|api[-_ ]?key|authori|cookie|bearer|private|eyJ/i

const patterns: ReadonlyArray<readonly [RegExp, string]> = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]{0,16384}?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, HIDDEN],
  // scheme://user:password@host; a port with a path behind it is no password
  [/(:\/\/[^\s:/?#@"'`]{0,256}:)(?!\d{1,5}[/?#])[^\s"'`]{1,2048}@/g, `$1${HIDDEN}@`],
  // scheme://token@host
  [/(:\/\/)[^\s:/?#@"'`]{20,1024}@/g, `$1${HIDDEN}@`],
  [
    /((?:authorization|cookie|x-[\w-]{0,40}(?:key|token|secret))\s{0,3}:\s{0,3})[^\s"'][^\r\n"']{0,4096}/gi,
    `$1${HIDDEN}`
  ],
  // password=…, "token": "…", secret: '…', ?api_key=…; `password: expected a string` is none of these
  [
    /((?:passw(?:or)?d|passphrase|pwd|secret|token|credentials?|api[-_]?key|private[-_]?key|authorization|cookie)[\w-]{0,32}(?:\\?["']\s{0,3}:|\\?["']?\s{0,3}=|:(?=\s{0,3}\\?["'`]))\s{0,3})(?:\\"[^"]{0,4096}"?|\\'[^']{0,4096}'?|"(?:[^"\\]|\\[\s\S]){0,4096}"?|'(?:[^'\\]|\\[\s\S]){0,4096}'?|`[^`]{0,4096}`?|[^\s&;,"'`)}\]]{1,4096})/gi,
    `$1${HIDDEN}`
  ],
  // DB_PASSWORD: …, as variables are printed; in small letters a sentence may go on behind the colon
  [
    /\b([A-Z][A-Z0-9_]{0,64}(?:PASSWORD|PASSWD|SECRET|TOKEN|API_KEY|PRIVATE_KEY)\s{0,3}:\s{0,3})[^\s,;]{1,4096}/g,
    `$1${HIDDEN}`
  ],
  [/\b(Bearer\s{1,3})(?=\S{0,512}\d)[\w.~+/-]{8,4096}=*/gi, `$1${HIDDEN}`],
  [/\beyJ[\w-]{8,2048}\.[\w-]{8,4096}\.[\w-]{4,2048}/g, HIDDEN]
]

const shortest = 6
const most = 1000
/** No secret that is recognised by its surroundings is longer than what is looked at behind a cut. */
const margin = 4096

/** `apiToken` is called like a secret, `tokenMillis` and `cookieName` are not: their values are words of every line. */
const namesSecret =
  /(?:passw(?:or)?d|passphrase|pwd|^pass|secret|token|credentials?|api[-_ ]?key|(?:private|signing|secret|access)[-_ ]?key|authori[sz]ation|cookie)s?$/i

const entriesOf = (value: unknown): ReadonlyArray<readonly [string, unknown]> =>
  typeof value !== "object" || value === null || ArrayBuffer.isView(value) ? [] : Object.entries(value).slice(0, most)

const passwordOf = (text: string): string | undefined => {
  const found = /:\/\/[^\s:/?#@]{0,256}:([^\s]{1,2048})@/.exec(text)
  return found?.[1]
}

/**
 * Takes secrets out of texts: those that their surroundings give away (`password=…`, a password in an URL, a bearer token,
 * a JWT, a private key), and values that it was told of, wherever they stand.
 */
export class SecretText {
  private values: ReadonlyArray<string> = []
  private longest = 0

  /** Hides a value from now on. One of fewer than six characters would take words apart, and is not remembered. */
  add(value: string): void {
    const forms = new Set([value, JSON.stringify(value).slice(1, -1)])
    try {
      forms.add(encodeURIComponent(value))
      forms.add(decodeURIComponent(value))
    } catch {
      // half a surrogate pair or a lone percent sign: it has no such form
    }
    const added = [...forms].filter((form) => form.length >= shortest && !this.values.includes(form))
    if (added.length === 0) return
    // the longest first: one may be part of another
    this.values = [...this.values, ...added].toSorted((a, b) => b.length - a.length).slice(0, most)
    this.longest = this.values[0]!.length
  }

  /**
   * Remembers what a configuration has of secrets: what is `Redacted`, what stands under a key that is called like one, and
   * passwords in URLs.
   */
  learn(value: unknown, key = "", depth = 0): void {
    if (depth > 8) return
    if (Redacted.isRedacted(value)) return this.learnAll(Redacted.value(value), depth + 1)
    if (typeof value === "string") {
      if (namesSecret.test(key)) this.add(value)
      const password = passwordOf(value)
      if (password !== undefined) this.add(password)
      return
    }
    if (typeof value === "number") return namesSecret.test(key) ? this.add(String(value)) : undefined
    for (const [name, under] of entriesOf(value)) this.learn(under, Array.isArray(value) ? key : name, depth + 1)
  }

  /** All texts of a value that is a secret as a whole. */
  private learnAll(value: unknown, depth: number): void {
    if (depth > 8) return
    if (typeof value === "string" || typeof value === "number") return this.add(String(value))
    for (const [, under] of entriesOf(value)) this.learnAll(under, depth + 1)
  }

  /** The text without secrets, at most `max` UTF-16 units of it. */
  clean(text: string, max: number): string {
    const cut = text.length > max
    let clean = cut ? text.slice(0, max + Math.max(margin, this.longest)) : text
    for (const value of this.values) if (clean.includes(value)) clean = clean.replaceAll(value, HIDDEN)
    if (suspicious.test(clean)) for (const [pattern, by] of patterns) clean = clean.replace(pattern, by)
    return cut ? `${clean.slice(0, max)}… (${text.length} characters)` : clean
  }
}

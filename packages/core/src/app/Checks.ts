/**
 * Schemas for what strangers type into every program that talks. Each refuses with a sentence that says what is expected,
 * looks at no more than a bounded length, and backtracks never.
 *
 * @example
 * Contract.make("chat", {
 *   requests: {
 *     join: { payload: { name: Checks.Nickname, channel: Checks.Channel } },
 *     say: { payload: { text: Checks.printable({ max: 4096 }) } }
 *   }
 * })
 */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Subjects from "../events/Subject.ts"
import { lookOf, mixesScripts } from "./internal/scripts.ts"

/** A string of at most `max` UTF-16 units for which `problem` finds nothing. */
const text = (identifier: string, max: number, problem: (text: string) => string | undefined) =>
  Schema.String.check(
    Schema.makeFilter((value: string) => (value.length > max ? `at most ${max} characters` : problem(value)), {
      identifier
    })
  )

const matching = (pattern: RegExp, expected: string) => (value: string) => (pattern.test(value) ? undefined : expected)

const NICKNAME = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.-]*$/u

/**
 * What a person is called: 1 to 32 letters, digits, dots, dashes and underscores in one script. A name like another is
 * found by comparing `lookalike` of both.
 */
export const Nickname = text("Nickname", 32, (name) => {
  if (!NICKNAME.test(name))
    return "a name of letters, digits, dots, dashes and underscores that begins with none of . and -"
  if (name !== name.normalize("NFC")) return "a name in composed form (NFC)"
  if (mixesScripts(name)) return "a name in one script"
  return undefined
})

/**
 * What names that look alike have in common: `Paypal`, `paypa1` and `раураl` in Cyrillic letters give the same, `paypol`
 * does not. For comparing, not for showing.
 */
export const lookalike = (name: string): string => lookOf(name)

/** A channel or room: 1 to 64 characters, `#` or `&` in front allowed, no spaces, commas, colons or control characters. */
export const Channel = text("Channel", 64, (name) => {
  if (!/^[#&]?[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.#-]*$/u.test(name))
    return "a channel of letters, digits, dots, dashes and underscores, with # or & in front if any"
  return mixesScripts(name) ? "a channel in one script" : undefined
})

/** The name of an event: 1 to 64 letters, digits, dashes and underscores of ASCII. */
export const EventName = text(
  "EventName",
  64,
  matching(/^[A-Za-z0-9_-]+$/, "1 to 64 letters, digits, dashes and underscores")
)

/** A subject of the event bus, without wildcards. */
export const Subject = text("Subject", Subjects.MAX_BYTES, (subject) => {
  const problem = Subjects.problem(subject)
  return problem === undefined ? undefined : `a subject such as chat.lobby.joined: ${problem}`
})

// https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address
const EMAIL =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/

/** An address as browsers take it, 254 characters at most, 64 before the @ (RFC 5321). Whether it exists only a mail tells. */
export const Email = text("Email", 254, (address) =>
  EMAIL.test(address) && address.indexOf("@") <= 64 ? undefined : "an email address such as ada@example.org"
)

const PROTOCOLS = new Set(["http:", "https:", "ws:", "wss:"])

/** An absolute URL of http, https, ws or wss, without user and password in it. */
export const Url = text("Url", 2048, (url) => {
  const expected = "a URL that begins with http, https, ws or wss"
  // the parser would drop these
  if (!/^[^\s\p{Cc}]+$/u.test(url) || !URL.canParse(url)) return expected
  const { password, protocol, username } = new URL(url)
  if (!PROTOCOLS.has(protocol) || !/^[a-z]+:\/\//i.test(url)) return expected
  return username === "" && password === "" ? undefined : "a URL without user and password"
})

/** A UUID of any version, in small or capital letters. */
export const Uuid = Schema.String.check(Schema.isUUID())

const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/** A name of DNS (RFC 1123), or an address of IPv4 or IPv6, without brackets and port. */
export const Host = text("Host", 253, (host) => {
  if (host.includes(":")) return /^[0-9A-Fa-f:.]+$/.test(host) && URL.canParse(`http://[${host}]`) ? undefined : HOST
  // what is made of digits and dots alone is an address or nothing
  if (/^[\d.]+$/.test(host)) return IPV4.test(host) ? undefined : HOST
  return host.split(".").every((label) => LABEL.test(label)) ? undefined : HOST
})
const HOST = "a host name such as chat.example.org, or an address of IPv4 or IPv6"

/** A port to connect to: 1 to 65535. */
export const Port = Schema.Int.check(
  Schema.isBetween({ minimum: 1, maximum: 65_535 }, { identifier: "Port", expected: "a port from 1 to 65535" })
)

// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
const RESERVED = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i
const segmentProblem = (segment: string): string | undefined => {
  if (segment === "" || segment === "." || segment === "..") return `no empty part, no "." and no ".."`
  if (/[\p{Cc}\p{Cs}<>:"|?*\\]/u.test(segment)) return `no control characters and none of < > : " | ? * \\`
  if (/[. ]$/.test(segment) || RESERVED.test(segment)) return "names that every system takes"
  return undefined
}

/** A path with `/` that stays below the folder it is joined to, on every system. */
export const RelativePath = text("RelativePath", 1024, (path) => {
  for (const segment of path.split("/")) {
    const problem = segmentProblem(segment)
    if (problem !== undefined) return `a path inside a folder: ${problem}`
  }
  return undefined
})

const Tag = text(
  "Tag",
  32,
  matching(/^[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]*$/u, "a tag of letters, digits, dashes and underscores")
)

/** At most 32 tags, each once. */
export const Tags = Schema.Array(Tag).check(Schema.isMaxLength(32), Schema.isUnique({ expected: "each tag once" }))

/** Control characters but newline and tab, half surrogates, separators, and what turns the direction of writing or is not seen. */
const UNPRINTABLE =
  /[^\P{Cc}\n\t]|[\p{Cs}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu

/** The text as a terminal or a page can show it: what neither shows, or what disturbs it, is taken out. */
export const clean = (text: string): string => text.replaceAll("\r\n", "\n").replaceAll(UNPRINTABLE, "")

/** What people say: cleaned, then at most `max` characters (UTF-16 units), at least one that is not white space. */
export const printable = (options: { readonly max: number }) =>
  Schema.String.check(Schema.isMaxLength(4 * options.max)).pipe(
    Schema.decodeTo(
      Schema.String.check(
        Schema.isMaxLength(options.max),
        Schema.isPattern(/\S/, { expected: "a text that is not empty" })
      ),
      SchemaTransformation.transform({ decode: clean, encode: (text) => text })
    )
  )

/** Found first by everybody who tries: the most frequent of those that were published. */
const FREQUENT = new Set(
  (
    "password 12345678 123456789 1234567890 qwertyuiop qwerty123 password1 iloveyou princess sunshine football baseball " +
    "superman trustno1 1q2w3e4r 1qaz2wsx zaq12wsx asdfghjkl 11111111 00000000 88888888 87654321 987654321 abcd1234 " +
    "letmein1 welcome1 passw0rd p@ssw0rd changeme administrator starwars whatever computer michelle jennifer"
  ).split(" ")
)

export interface PasswordPolicy {
  /** Fewest characters; default 8. */
  readonly min?: number
  /** Most bytes of UTF-8, so that hashing costs a bounded time; default 256. */
  readonly maxBytes?: number
}

/**
 * A password to be set, after NIST SP 800-63B: long enough, no control characters, not among the most frequent; nothing
 * about kinds of characters. The value is never in the message.
 */
export const password = ({ maxBytes = 256, min = 8 }: PasswordPolicy = {}) =>
  Schema.String.check(
    Schema.makeFilter((value: string) => {
      if (value.length > maxBytes || new TextEncoder().encode(value).length > maxBytes)
        return `a password of at most ${maxBytes} bytes`
      if ([...value].length < min) return `a password of at least ${min} characters`
      if (/\p{Cc}/u.test(value) || !value.isWellFormed()) return "a password without control characters"
      if (FREQUENT.has(value.toLowerCase()) || new Set(value).size < 3) return "a password that is harder to guess"
      return undefined
    })
  )

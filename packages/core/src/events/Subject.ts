/**
 * Names of events: tokens divided by dots, `chat.lobby.joined`. Patterns have NATS's wildcards: `*` stands for one token,
 * `>` at the end for one or more.
 *
 * Whatever comes from outside becomes a token through `join` (which refuses) or `sanitize` (which replaces): neither a
 * dot, a wildcard, a space nor a control character gets into a subject that way.
 *
 * @example
 * Subject.join("room", name, "joined") // Result: fails for "a.b", "*", "a b", "a\r\nPUB x"
 * Subject.matches("room.*.joined", "room.lobby.joined") // true
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"

/** Bytes of UTF-8 that a subject or pattern may have. */
export const MAX_BYTES = 255

/** The text is no subject, pattern or token. */
export class SubjectInvalid extends Errors.make<SubjectInvalid>()(
  "SubjectInvalid",
  { component: "events", code: "EVENT_SUBJECT_INVALID", status: 400 },
  {
    /** The text, cut where it is long, control characters escaped. */
    subject: Schema.String,
    reason: Schema.String
  }
) {
  override get message(): string {
    return `${this.subject} is no subject: ${this.reason}. Build subjects with Subject.join, or tokens with Subject.sanitize.`
  }
}

const encoder = new TextEncoder()
/** What may not stand in a token: separators, wildcards, white space, control and format characters, half surrogates. */
const FORBIDDEN = /[.*>\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u
const FORBIDDEN_EACH = new RegExp(FORBIDDEN.source, "gu")
/** The common case, decided without a look at every character of Unicode. */
const PLAIN_TOKEN = /^[A-Za-z0-9_-]+$/
const PLAIN = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/

const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
const invalid = (text: string, reason: string): Result.Result<never, SubjectInvalid> =>
  Result.fail(new SubjectInvalid({ subject: quoted(text), reason }))

const tokenProblem = (token: string): string | undefined => {
  if (token === "") return "a token is empty"
  const found = FORBIDDEN.exec(token)?.[0]
  if (found === undefined) return undefined
  if (found === "*" || found === ">") return `the wildcard "${found}" stands for nothing outside a pattern`
  if (found === ".") return "a token holds a dot"
  const point = (found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")
  return `U+${point} (white space, control or format character) may not stand in it`
}
const sizeProblem = (text: string): string | undefined =>
  // a character of UTF-16 has at most three bytes, so most need no encoding
  text.length * 3 > MAX_BYTES && (text.length > MAX_BYTES || encoder.encode(text).length > MAX_BYTES)
    ? `it is longer than ${MAX_BYTES} bytes`
    : undefined

/** What is wrong with a subject; undefined when nothing is. */
export const problem = (text: string): string | undefined => {
  const size = sizeProblem(text)
  if (size !== undefined || PLAIN.test(text)) return size
  for (const token of text.split(".")) {
    const found = tokenProblem(token)
    if (found !== undefined) return found
  }
  return undefined
}

/** What is wrong with a pattern; undefined when nothing is. A subject is a pattern, too. */
export const patternProblem = (text: string): string | undefined => {
  const size = sizeProblem(text)
  if (size !== undefined || PLAIN.test(text)) return size
  const tokens = text.split(".")
  for (const [i, token] of tokens.entries()) {
    if (token === "*") continue
    if (token === ">") {
      if (i === tokens.length - 1) continue
      return `">" stands for the rest and has to be the last token`
    }
    const found = tokenProblem(token)
    if (found !== undefined) return found
  }
  return undefined
}

/** The text itself, when it is a subject: something that can be published to. */
export const parse = (text: string): Result.Result<string, SubjectInvalid> => {
  const found = problem(text)
  return found === undefined ? Result.succeed(text) : invalid(text, found)
}

/** The text itself, when it is a pattern: something that can be subscribed to. */
export const parsePattern = (text: string): Result.Result<string, SubjectInvalid> => {
  const found = patternProblem(text)
  return found === undefined ? Result.succeed(text) : invalid(text, found)
}

/** A subject of these tokens, each of which must be one token: a dot in it is refused. */
export const join = (...tokens: readonly [string, ...ReadonlyArray<string>]): Result.Result<string, SubjectInvalid> => {
  const text = tokens.join(".")
  for (const token of tokens) {
    if (PLAIN_TOKEN.test(token)) continue
    const found = tokenProblem(token)
    if (found !== undefined) return invalid(text, found)
  }
  const size = sizeProblem(text)
  return size === undefined ? Result.succeed(text) : invalid(text, size)
}

/**
 * One token of any text: whatever may not stand in it becomes `_`, and so does the text without a character. Cut to
 * `maxBytes` bytes (64). Different texts may give one token: what must stay apart is refused with `join` instead.
 */
export const sanitize = (text: string, maxBytes = 64): string => {
  const clean = text.slice(0, maxBytes).replace(FORBIDDEN_EACH, "_")
  let kept = ""
  let bytes = 0
  for (const character of clean) {
    bytes += encoder.encode(character).length
    if (bytes > maxBytes) break
    kept += character
  }
  return kept === "" ? "_" : kept
}

/** Whether `subject` is one that `pattern` stands for. Both have to be valid. */
export const matches = (pattern: string, subject: string): boolean => {
  if (pattern === subject) return true
  const wanted = pattern.split(".")
  const tokens = subject.split(".")
  for (const [i, token] of wanted.entries()) {
    if (token === ">") return tokens.length > i
    if (i >= tokens.length || (token !== "*" && token !== tokens[i])) return false
  }
  return wanted.length === tokens.length
}

/** Whether `pattern` has a wildcard. */
export const isPattern = (pattern: string): boolean => /(?:^|\.)[*>](?:\.|$)/.test(pattern)

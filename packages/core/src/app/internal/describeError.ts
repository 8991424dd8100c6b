import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import type * as Schema from "effect/Schema"
import { Bounded } from "./log/bounded.ts"
import { SecretText } from "./log/SecretText.ts"
import { timeOfDay } from "./timeOfDay.ts"

/** What is known of an error, for logs and crash reports. All of it is JSON of bounded size, and holds no secret. */
export interface Described {
  readonly code: string
  readonly component: string
  /** When the error was made, or else when it was described: ISO 8601 in UTC. */
  readonly time: string
  readonly message: string
  readonly retryable: boolean
  readonly status: number
  /** The fields of the error. */
  readonly context: { readonly [field: string]: Schema.Json }
}

/** What has no code of its own: a bug, an error of another library, something thrown that is no error. */
export const Unexpected = {
  component: "app",
  codes: { APP_UNEXPECTED: { status: 500, retryable: false } }
} as const

/** Knows secrets by their surroundings; those of a configuration are taken out by the log. */
const secrets = /* @__PURE__ */ new SecretText()
const MAX_TEXT = 2000
const safeText = (text: string): string => secrets.clean(text, MAX_TEXT)

/** Shown elsewhere, or not for logs. */
const elsewhere: ReadonlySet<string> = new Set(["_tag", "message", "name", "stack"])

/** The fields of an error but for its tag and message. */
const contextOf = (error: object): Described["context"] => {
  try {
    // a key like __proto__ would set the prototype of what is made of this
    const keys = Object.keys(error).filter((key) => !elsewhere.has(key) && key !== "__proto__")
    // the cause of a plain Error is not among its keys
    if (!keys.includes("cause") && read(error, "cause") !== undefined) keys.push("cause")
    const entries = keys.map((key) => [key, read(error, key)] as const)
    // as JSON has it: no undefined in a list, no -0
    return JSON.parse(JSON.stringify(new Bounded(secrets).fields(entries, keys.length))) as Described["context"]
  } catch {
    return {}
  }
}

const CODE = /^[A-Z][A-Z0-9]{0,31}(?:_[A-Z0-9]{1,31}){1,8}$/

/** Of somebody else's error every property may throw, lie or be missing. */
const read = (from: object, key: string): unknown => {
  try {
    return (from as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}

/** `RoomFull` is `ROOM_FULL`; a single word says too little to be a code. */
const codeOfTag = (tag: string): string =>
  tag
    .slice(0, 100)
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_")
    .toUpperCase()

const codeOf = (error: object, tag: unknown): string => {
  if (typeof tag !== "string") return "APP_UNEXPECTED"
  const code = read(error, "code")
  const named = [code, codeOfTag(tag)].find((text) => typeof text === "string" && CODE.test(text))
  return (named as string | undefined) ?? "APP_UNEXPECTED"
}

const messageOf = (error: object, tag: unknown): string => {
  const message = read(error, "message")
  if (typeof message === "string" && message !== "") return safeText(message)
  for (const name of [tag, read(error, "name")]) if (typeof name === "string" && name !== "") return safeText(name)
  return "Something that is no error was thrown."
}

const iso = (time: unknown): string => {
  const isTime = typeof time === "number" && Math.abs(time) <= 8.64e15
  return DateTime.formatIso(DateTime.makeUnsafe(isTime ? time : timeOfDay()))
}

const thrown = (value: unknown): string =>
  value === null || value === undefined ? `${value} was thrown.` : `A ${typeof value} was thrown.`

const subjectOf = (error: unknown): unknown => {
  try {
    return Cause.isCause(error) ? Cause.squash(error) : error
  } catch {
    return error
  }
}

const isStatus = (status: unknown): status is number =>
  Number.isInteger(status) && 400 <= (status as number) && (status as number) <= 599

/**
 * What is known of anything that was thrown or failed with; never throws. A Cause is what it comes down to. A tagged error
 * without a code has its tag as one (`RoomFull`: `ROOM_FULL`); everything else is `APP_UNEXPECTED`. Values that are
 * `Redacted`, or whose names sound secret, are not in it, nor are passwords in addresses.
 */
export const describe = (error: unknown): Described => {
  const subject = subjectOf(error)
  if ((typeof subject !== "object" && typeof subject !== "function") || subject === null) {
    const message = typeof subject === "string" && subject !== "" ? safeText(subject) : thrown(subject)
    return {
      code: "APP_UNEXPECTED",
      component: "app",
      time: iso(undefined),
      message,
      retryable: false,
      status: 500,
      context: {}
    }
  }
  const tag = read(subject, "_tag")
  const isTagged = typeof tag === "string"
  const component = read(subject, "component")
  const status = read(subject, "status")
  return {
    code: codeOf(subject, tag),
    component: isTagged && typeof component === "string" ? safeText(component) : "app",
    time: iso(isTagged ? read(subject, "time") : undefined),
    message: messageOf(subject, tag),
    retryable: isTagged && read(subject, "retryable") === true,
    status: isTagged && isStatus(status) ? status : 500,
    context: contextOf(subject)
  }
}

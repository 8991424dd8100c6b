import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import * as fc from "fast-check"
import * as Errors from "../../src/app/Errors.ts"
import { RequestFault } from "../../src/client/ClientError.ts"
import { SecureSessionError } from "../../src/crypto/SecureSessionError.ts"
import { NotFound, UniqueViolation } from "../../src/orm/OrmError.ts"

const at = Date.UTC(2026, 0, 15, 10, 30, 45, 123)

class RoomFull extends Errors.make<RoomFull>()(
  "RoomFull",
  { component: "chat", code: "CHAT_ROOM_FULL", status: 409, retryable: true },
  { room: Schema.String }
) {
  override get message(): string {
    return `The room "${this.room}" is full.`
  }
}

class Upload extends Errors.make<Upload>()(
  "Upload",
  {
    component: "files",
    prefix: "FILES_UPLOAD",
    reasons: { "too-large": { status: 413 }, busy: { status: 503, retryable: true } }
  },
  { reason: Schema.Literals(["too-large", "busy"]), message: Schema.String }
) {}

describe("an error class", () => {
  it("tells its codes without an error", () => {
    assert.deepStrictEqual(RoomFull.codes, { CHAT_ROOM_FULL: { status: 409, retryable: true } })
    assert.deepStrictEqual(Upload.codes, {
      FILES_UPLOAD_TOO_LARGE: { status: 413, retryable: false },
      FILES_UPLOAD_BUSY: { status: 503, retryable: true }
    })
    assert.strictEqual(Upload.component, "files")
    assert.strictEqual(UniqueViolation.codes.ORM_UNIQUE_VIOLATION.status, 409)
    assert.strictEqual(SecureSessionError.codes.SECURE_SESSION_TOO_MANY_SKIPPED.status, 409)
  })

  it("has the code of the reason, as a type too", () => {
    const error = new Upload({ reason: "too-large", message: "5 MB at most" })
    const code: "FILES_UPLOAD_TOO_LARGE" | "FILES_UPLOAD_BUSY" = error.code
    assert.strictEqual(code, "FILES_UPLOAD_TOO_LARGE")
    assert.deepStrictEqual([error.status, error.retryable, error.component], [413, false, "files"])
    assert.strictEqual(error.message, "5 MB at most")
    assert.isTrue(new Upload({ reason: "busy", message: "" }).retryable)
  })

  it.effect("is caught by its tag, and goes through a Schema with its facts", () =>
    Effect.gen(function* () {
      const caught = yield* Effect.catchTag(new RoomFull({ room: "lobby" }), "RoomFull", (error) =>
        Effect.succeed(error)
      )
      assert.instanceOf(caught, RoomFull)
      assert.instanceOf(caught, Error)
      const union = Schema.Union([RoomFull, Upload, NotFound])
      const json = yield* Schema.encodeEffect(union)(caught)
      assert.deepStrictEqual<unknown>(json, { _tag: "RoomFull", room: "lobby" })
      const back = yield* Schema.decodeUnknownEffect(union)(JSON.parse(JSON.stringify(json)))
      assert.instanceOf(back, RoomFull)
      assert.deepStrictEqual(
        [back.code, back.status, back.message],
        ["CHAT_ROOM_FULL", 409, `The room "lobby" is full.`]
      )
    })
  )

  it.effect("knows when it was made, and is equal to one made later", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(at)
      const error = new RoomFull({ room: "lobby" })
      yield* TestClock.adjust(5000)
      assert.strictEqual(error.time, at)
      assert.strictEqual(new RoomFull({ room: "lobby" }).time, at + 5000)
      assert.strictEqual(Errors.describe(error).time, "2026-01-15T10:30:45.123Z")
      assert.deepStrictEqual(Object.keys(error).sort(), Object.keys(new RoomFull({ room: "lobby" })).sort())
      assert.notInclude(JSON.stringify(error), "2026")
    })
  )

  it("is made outside of fibers too", () => {
    const before = new RoomFull({ room: "a" })
    assert.isAbove(before.time, at)
  })

  it("may know by itself whether to try again", () => {
    const fault = { request: "chat.say", fault: "RATE_LIMITED", message: "slowly", path: [], reference: undefined }
    assert.isTrue(new RequestFault({ ...fault, retryAfterMillis: 500 }).retryable)
    assert.isFalse(new RequestFault({ ...fault, fault: "BAD_PAYLOAD" }).retryable)
  })

  it("takes no field that would hide a fact, and no table that misses a reason", () => {
    const One = { component: "x", code: "X_Y", status: 400 } as const
    // @ts-expect-error status is a fact
    Errors.make<RoomFull>()("X", One, { status: Schema.Int })
    // @ts-expect-error time is a fact
    Errors.make<RoomFull>()("X", One, { time: Schema.Int })
    const reason = Schema.Literals(["a", "b"])
    // @ts-expect-error b is missing
    Errors.make<RoomFull>()("X", { component: "x", prefix: "X", reasons: { a: { status: 400 } } }, { reason })
    assert.strictEqual(new RoomFull({ room: "a" }).status, 409)
  })
})

describe("describe", () => {
  it.effect("has exactly these keys", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(at)
      assert.strictEqual(
        JSON.stringify(
          Errors.describe(new UniqueViolation({ table: "user", constraint: "user_name", columns: ["name"] }))
        ),
        `{"code":"ORM_UNIQUE_VIOLATION","component":"orm","time":"2026-01-15T10:30:45.123Z","message":"A row of \\"user\\" with the same name exists already.","retryable":false,"status":409,"context":{"table":"user","constraint":"user_name","columns":["name"]}}`
      )
    })
  )

  it.effect("answers for everything that can be thrown", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(at)
      const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), {
        code: "ECONNREFUSED",
        port: 5432
      })
      const of = (error: unknown) => {
        const { code, message, status, time } = Errors.describe(error)
        assert.deepStrictEqual([status, time], [500, "2026-01-15T10:30:45.123Z"])
        return [code, message]
      }
      assert.deepStrictEqual(of(refused), ["APP_UNEXPECTED", "connect ECONNREFUSED 127.0.0.1:5432"])
      assert.deepStrictEqual(Errors.describe(refused).context, { code: "ECONNREFUSED", port: 5432 })
      assert.deepStrictEqual(of("out of paper"), ["APP_UNEXPECTED", "out of paper"])
      assert.deepStrictEqual(of(undefined), ["APP_UNEXPECTED", "undefined was thrown."])
      assert.deepStrictEqual(of(null), ["APP_UNEXPECTED", "null was thrown."])
      assert.deepStrictEqual(of(7), ["APP_UNEXPECTED", "A number was thrown."])
      assert.deepStrictEqual(of({}), ["APP_UNEXPECTED", "Something that is no error was thrown."])
      assert.deepStrictEqual(
        of(() => 1),
        ["APP_UNEXPECTED", "Something that is no error was thrown."]
      )
      assert.deepStrictEqual(of(new TypeError("x is not a function")), ["APP_UNEXPECTED", "x is not a function"])
    })
  )

  it("takes the tag of an error that has no code", () => {
    class PrinterJammed extends Schema.TaggedError<PrinterJammed>()("PrinterJammed", { tray: Schema.Int }) {}
    const { code, component, context } = Errors.describe(new PrinterJammed({ tray: 2 }))
    assert.deepStrictEqual(
      { code, component, context },
      { code: "PRINTER_JAMMED", component: "app", context: { tray: 2 } }
    )
    assert.strictEqual(Errors.describe({ _tag: "ÄÖ", code: "no code" }).code, "APP_UNEXPECTED")
    assert.strictEqual(Errors.describe({ _tag: "X", code: "MY_CODE", status: 404 }).code, "MY_CODE")
    assert.strictEqual(Errors.describe({ _tag: "X", status: 200 }).status, 500)
  })

  it("says of a Cause what it comes down to", () => {
    const full = new RoomFull({ room: "lobby" })
    assert.strictEqual(Errors.describe(Cause.fail(full)).code, "CHAT_ROOM_FULL")
    assert.strictEqual(
      Errors.describe(Cause.combine(Cause.die(new Error("bug")), Cause.fail(full))).code,
      "CHAT_ROOM_FULL"
    )
    assert.strictEqual(Errors.describe(Cause.die(new Error("bug"))).message, "bug")
  })

  it("shows no secret", () => {
    const secret = "hunter2"
    class LoginFailed extends Errors.make<LoginFailed>()(
      "LoginFailed",
      { component: "x", code: "X_LOGIN_FAILED", status: 401 },
      {
        password: Schema.String,
        apiKey: Schema.Redacted(Schema.String),
        hidden: Schema.Redacted(Schema.String),
        url: Schema.String,
        headers: Schema.Record(Schema.String, Schema.String),
        message: Schema.String,
        cause: Schema.optionalKey(Schema.Defect())
      }
    ) {}
    const url = `postgres://app:${secret}@db.example/app`
    const error = new LoginFailed({
      password: secret,
      apiKey: Redacted.make(secret),
      hidden: Redacted.make(secret),
      url,
      headers: { "x-token": secret, accept: "text/html" },
      message: `${url} refused`,
      cause: new Error(`at ${url}`)
    })
    for (const thrown of [
      error,
      new Error(`at ${url}`, { cause: error }),
      { url, password: secret },
      url,
      Cause.fail(error)
    ])
      assert.notInclude(JSON.stringify(Errors.describe(thrown)), secret)
    const { context, message } = Errors.describe(error)
    assert.deepStrictEqual(context["headers"], { "x-token": "<redacted>", accept: "text/html" })
    assert.strictEqual(message, "postgres://app:<redacted>@db.example/app refused")
    // cut where the address is
    for (let length = 1900; length < 2010; length++)
      assert.notInclude(JSON.stringify(Errors.describe(new Error(`${" ".repeat(length)}${url}`))), secret)
  })

  it("is bounded, and survives what is hostile", () => {
    const circle: Record<string, unknown> = { name: "x" }
    circle["self"] = circle
    const deep: Record<string, unknown> = {}
    let at = deep
    for (let i = 0; i < 10_000; i++) at = at["in"] = {} as Record<string, unknown>
    const wide = (depth: number): unknown =>
      depth === 0 ? "x".repeat(3000) : Array.from({ length: 60 }, () => wide(depth - 1))
    const hostile = new Proxy(new Error("x"), {
      get: () => {
        throw new Error("no")
      },
      has: () => {
        throw new Error("no")
      },
      getPrototypeOf: () => {
        throw new Error("no")
      },
      ownKeys: () => {
        throw new Error("no")
      }
    })
    for (const value of [
      circle,
      { deep },
      { wide: wide(3) },
      hostile,
      { text: "://a:".repeat(500_000) },
      {
        get x() {
          throw new Error("no")
        }
      }
    ]) {
      const described = Errors.describe(value)
      assert.isBelow(JSON.stringify(described).length, 2_000_000)
    }
    assert.deepStrictEqual(Errors.describe({ circle }).context, { circle: { name: "x", self: "<circular>" } })
    assert.strictEqual(Errors.describe(hostile).code, "APP_UNEXPECTED")
    const polluted = Errors.describe(JSON.parse(`{"__proto__":{"polluted":1},"a":{"__proto__":{"polluted":1}}}`))
    assert.notProperty({}, "polluted")
    assert.notProperty(polluted.context["a"], "polluted")
  })

  it("gives JSON for any value, with a code, a status and a time of their forms", () => {
    void fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withTypedArray: true }),
        (value) => {
          const described = Errors.describe(value)
          assert.deepStrictEqual(JSON.parse(JSON.stringify(described)), described)
          assert.match(described.code, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/)
          assert.isTrue(400 <= described.status && described.status <= 599)
          assert.match(described.time, /^\d{4}-\d\d-\d\dT/)
        }
      )
    )
  })
})

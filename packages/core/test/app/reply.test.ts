import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import * as Reply from "../../src/app/Reply.ts"
import { Busy, NotFound, QueryFailed } from "../../src/orm/OrmError.ts"

const at = Date.UTC(2026, 0, 15, 10, 30, 45, 123)
const json = <A, E>(reply: Effect.Effect<A, E>) =>
  Effect.map(Effect.andThen(TestClock.setTime(at), reply).pipe(Reply.withRequestId("req-123456")), (value) =>
    JSON.stringify(value)
  )
const stamp = `"timestamp":"2026-01-15T10:30:45.123Z","request_id":"req-123456"`

describe("Reply", () => {
  it.effect("has exactly these bytes", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* json(Reply.success({ result: "processed_data" }, "Operation completed")),
        `{"success":true,"message":"Operation completed","data":{"result":"processed_data"},${stamp}}`
      )
      assert.strictEqual(
        yield* json(Reply.failure({ code: "ROOM_UNKNOWN", status: 404, message: "No such room" })),
        `{"success":false,"message":"No such room","error":{"code":"ROOM_UNKNOWN","status":404},${stamp}}`
      )
      assert.strictEqual(
        yield* json(Reply.failure({ code: "INPUT_INVALID", message: "Wrong", details: { name: "too long" } })),
        `{"success":false,"message":"Wrong","error":{"code":"INPUT_INVALID","status":500,"details":{"name":"too long"}},${stamp}}`
      )
      assert.strictEqual(
        yield* json(Reply.page(["c", "d"], { page: 2, pageSize: 2, total: 5 })),
        `{"success":true,"message":"OK","data":["c","d"],"pagination":{"page":2,"page_size":2,"total":5,"total_pages":3,"has_next":true,"has_prev":true},${stamp}}`
      )
    })
  )

  it.effect("tells of an error what whoever asked may know, and the log the rest", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* json(Reply.fromError(new NotFound({ table: "room" }))),
        `{"success":false,"message":"No row of \\"room\\" has this key.","error":{"code":"ORM_NOT_FOUND","status":404},${stamp}}`
      )
      const logged: Array<string> = []
      const log = Logger.layer([
        Logger.make(({ fiber, message }) => {
          logged.push(JSON.stringify([message, fiber.getRef(References.CurrentLogAnnotations)]))
        })
      ])
      const failed = new QueryFailed({ reason: "no such table: room", sql: "select * from room" })
      assert.strictEqual(
        yield* Effect.provide(json(Reply.fromError(failed)), log),
        `{"success":false,"message":"Something went wrong here","error":{"code":"ORM_QUERY_FAILED","status":500},${stamp}}`
      )
      assert.strictEqual(logged.length, 1)
      for (const text of ["no such table: room", "select * from room", "req-123456"]) assert.include(logged[0], text)
      const busy = yield* Reply.fromError(new Busy({ reason: "a lock" }))
      assert.deepStrictEqual([busy.message, busy.error.status], ["Not possible just now: try again later", 503])
      const bug = yield* Reply.fromError(new TypeError("secret detail"))
      assert.deepStrictEqual(bug.error, { code: "APP_UNEXPECTED", status: 500 })
      assert.notInclude(JSON.stringify(bug), "secret")
      yield* Schema.decodeUnknownEffect(Reply.Failure)(bug)
    })
  )

  it.effect("counts the pages, also where there is nothing", () =>
    Effect.gen(function* () {
      const last = yield* Reply.page([1], { page: 3, pageSize: 2, total: 5 })
      assert.deepInclude(last.pagination, { has_next: false, has_prev: true, total_pages: 3 })
      const none = yield* Reply.page([], { page: 1, pageSize: 20, total: 0 })
      assert.deepInclude(none.pagination, { has_next: false, has_prev: false, total_pages: 0 })
      for (const wrong of [
        { page: 0, pageSize: 1, total: 1 },
        { page: 1, pageSize: 0, total: 1 },
        { page: 1.5, pageSize: 1, total: 1 },
        { page: 1, pageSize: 1, total: -1 }
      ])
        assert.throws(() => Reply.page([], wrong), RangeError)
    })
  )

  it.effect("fits its Schemas, and nothing else does", () =>
    Effect.gen(function* () {
      const room = Schema.Struct({ name: Schema.String })
      const fits = <A>(schema: Schema.Codec<A, unknown>, value: unknown) =>
        Exit.isSuccess(Schema.decodeUnknownExit(schema)(JSON.parse(JSON.stringify(value))))
      const found = yield* Reply.success({ name: "lobby" })
      const refused = yield* Reply.failure({ code: "X", message: "no" })
      const list = yield* Reply.page([{ name: "lobby" }], { page: 1, pageSize: 1, total: 1 })
      assert.isTrue(fits(Reply.Success(room), found))
      assert.isTrue(fits(Reply.Failure, refused))
      assert.isTrue(fits(Reply.Page(room), list))
      assert.isFalse(fits(Reply.Success(room), refused))
      assert.isFalse(fits(Reply.Failure, found))
      assert.isFalse(fits(Reply.Failure, { ...refused, error: { code: "not stable", status: 500 } }))
      assert.isFalse(fits(Reply.Success(room), { ...found, timestamp: "yesterday" }))
    })
  )

  it.effect("keeps the id of the request that came in, if it is one; all replies of a request have one id", () =>
    Effect.gen(function* () {
      const ids = Effect.map(Effect.all([Reply.success(1), Reply.success(2)]), (all) =>
        all.map((one) => one.request_id)
      )
      assert.deepStrictEqual(yield* Reply.withRequestId("abc-1")(ids), ["abc-1", "abc-1"])
      for (const odd of [undefined, "", "a b", "x\r\nEvil: 1", "x".repeat(129)]) {
        const [first, second] = yield* Reply.withRequestId(odd)(ids)
        assert.match(first ?? "", /^req-[0-9a-f]{16}$/)
        assert.strictEqual(first, second)
      }
      const [one, other] = yield* ids
      assert.notStrictEqual(one, other)
    })
  )
})

/** Tasks that are enqueued by the calendar. Expected moments were worked out by hand from the time zone data of 2026. */
import assert from "node:assert/strict"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as TaskCron from "../../tasks/TaskCron.ts"
import type { TasksCase, TasksHarness } from "./Harness.ts"
import { Gated, Say } from "./KitTasks.ts"
import { inTime, quiet, type Stage, same, soon, stage, wallClock } from "./Stage.ts"

const iso = (at: DateTime.Utc): string => DateTime.formatIso(at)
const daily = (more: Partial<TaskCron.CronOptions<{ readonly text: string }>> = {}) =>
  TaskCron.make(Say, { expression: "30 2 * * *", payload: (at) => ({ text: iso(at) }), ...more })

/** The moments of all runs that were enqueued. */
const runs = ({ tasks }: Stage) =>
  Effect.map(tasks.list({ state: "ready" }), (rows) =>
    rows.map(({ payload }) => (payload as { readonly text: string }).text)
  )

/** Goes from moment to moment: right before each nothing may have been enqueued, and at it one run. */
const expect = Effect.fnUntraced(function* (kit: Stage, moments: ReadonlyArray<string>) {
  for (const [n, moment] of moments.entries()) {
    const at = DateTime.toEpochMillis(DateTime.makeUnsafe(moment))
    yield* TestClock.setTime(at - 1000)
    yield* quiet(kit)
    same(yield* runs(kit), moments.slice(0, n), `before ${moment}`)
    yield* TestClock.setTime(at)
    yield* soon(`the run of ${moment}`, () => Effect.map(runs(kit), (found) => found.length > n))
  }
  same(yield* runs(kit), moments)
})

/** A process that only enqueues, from this moment on. */
const from = Effect.fnUntraced(function* (
  harness: TasksHarness,
  moment: string,
  ...schedules: ReadonlyArray<TaskCron.TaskCron>
) {
  yield* TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe(moment)))
  const kit = yield* stage(harness, { idle: true })
  yield* kit.tasks.cron(...schedules)
  return kit
})

const berlin = "Europe/Berlin"

export const calendar: ReadonlyArray<TasksCase> = [
  {
    name: "enqueues at each moment of a schedule, by its time zone",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* from(harness, "2026-06-30T20:00:00Z", daily({ timeZone: "Asia/Kolkata" }))
      yield* expect(kit, ["2026-06-30T21:00:00.000Z", "2026-07-01T21:00:00.000Z"])
    })
  },
  {
    name: "runs once on the day that has no 02:30, when the clock has jumped",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* from(harness, "2026-03-28T00:00:00Z", daily({ timeZone: berlin }))
      // 28 March at +01:00; on the 29th 02:00 becomes 03:00 at 01:00Z; from then on +02:00
      yield* expect(kit, ["2026-03-28T01:30:00.000Z", "2026-03-29T01:30:00.000Z", "2026-03-30T00:30:00.000Z"])
    })
  },
  {
    name: "runs once on the day that has 02:30 twice, the first time",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* from(harness, "2026-10-24T00:00:00Z", daily({ timeZone: berlin }))
      yield* expect(kit, ["2026-10-24T00:30:00.000Z", "2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"])
    })
  },
  {
    name: "runs the second time where the schedule says so",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* from(harness, "2026-10-25T00:00:00Z", daily({ timeZone: berlin, overlap: "later" }))
      yield* expect(kit, ["2026-10-25T01:30:00.000Z", "2026-10-26T01:30:00.000Z"])
    })
  },
  {
    name: "runs both times where the schedule says so",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* from(harness, "2026-10-25T00:00:00Z", daily({ timeZone: berlin, overlap: "both" }))
      yield* expect(kit, ["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z", "2026-10-26T01:30:00.000Z"])
    })
  },
  ...(
    [
      ["into summer time", "2026-03-29T00:30:00.000Z"],
      ["out of summer time", "2026-10-25T00:30:00.000Z"]
    ] as const
  ).map(
    ([change, start]): TasksCase => ({
      name: `keeps the rhythm of every quarter of an hour ${change}`,
      run: Effect.fnUntraced(function* (harness) {
        const schedule = daily({ expression: "*/15 * * * *", timeZone: berlin, overlap: "both" })
        const kit = yield* from(harness, start, schedule)
        const first = DateTime.makeUnsafe(start)
        const moments = [1, 2, 3, 4, 5, 6].map((n) => iso(DateTime.add(first, { minutes: 15 * n })))
        yield* expect(kit, moments)
      })
    })
  ),
  {
    name: "enqueues each run once, however many processes have the schedule",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* from(harness, "2026-06-30T00:00:00Z", daily())
      const others = [yield* kit.engine({ idle: true }), yield* kit.engine({ idle: true })]
      for (const { tasks } of others) yield* tasks.cron(daily())
      yield* expect(kit, ["2026-06-30T02:30:00.000Z", "2026-07-01T02:30:00.000Z", "2026-07-02T02:30:00.000Z"])
    })
  },
  {
    name: "keeps two schedules of one task apart",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* from(harness, "2026-06-30T00:00:00Z", daily(), daily({ id: "second" }))
      yield* TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe("2026-06-30T02:30:00Z")))
      yield* soon("both have enqueued", () => Effect.map(runs(kit), (found) => found.length === 2))
    })
  },
  {
    name: "makes up for the latest run after a pause, and skips those before",
    run: Effect.fnUntraced(function* (harness) {
      const { clock, set } = yield* Effect.flatMap(
        TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe("2026-06-30T00:00:00Z"))),
        () => wallClock
      )
      const kit = yield* stage(harness, { idle: true, clock })
      yield* kit.tasks.cron(daily({ expression: "0 * * * *" }))
      set(5.5 * 3_600_000)
      yield* TestClock.adjust("1 minute")
      yield* soon("one run", () => Effect.map(runs(kit), (found) => found.length > 0))
      yield* quiet(kit)
      same(yield* runs(kit), ["2026-06-30T05:00:00.000Z"])
    })
  },
  {
    name: "does not repeat a run when the clock is set back over it",
    run: Effect.fnUntraced(function* (harness) {
      const { clock, set } = yield* Effect.flatMap(
        TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe("2026-06-30T02:00:00Z"))),
        () => wallClock
      )
      const kit = yield* stage(harness, { idle: true, clock })
      yield* kit.tasks.cron(daily())
      yield* TestClock.adjust("31 minutes")
      yield* soon("the run", () => Effect.map(runs(kit), (found) => found.length === 1))
      set(-3_600_000)
      // a process that starts only now does not know that it was
      const other = yield* kit.engine({ idle: true, clock })
      yield* other.tasks.cron(daily())
      for (let n = 0; n < 70; n++) yield* TestClock.adjust("1 minute")
      yield* quiet(kit)
      same(yield* runs(kit), ["2026-06-30T02:30:00.000Z"])
    })
  },
  {
    name: "enqueues while it works, and stops with its scope",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness)
      const running = yield* kit.engine({ idle: true })
      yield* running.tasks.cron(daily({ expression: "* * * * *" })).pipe(Effect.scoped)
      yield* kit.tasks.cron(TaskCron.make(Gated, { expression: "*/5 * * * * *", payload: { key: "tick" } }))
      kit.world.open("tick")
      yield* inTime("three ticks", () => kit.world.count("end tick") === 3)
      for (let n = 0; n < 70; n++) yield* TestClock.adjust("1 second")
      yield* quiet(kit)
      assert.equal(kit.world.count("say"), 0)
    })
  },
  {
    name: "says what is wrong with a schedule",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks } = yield* stage(harness, { idle: true })
      for (const wrong of [
        { expression: "61 * * * *" },
        { expression: "every day" },
        { expression: "" },
        { expression: "* * * * *", timeZone: "Mars/Olympus" }
      ]) {
        const error = yield* Effect.flip(tasks.cron(daily(wrong)))
        same([error._tag, error.code, error.task], ["CronInvalid", "TASK_CRON_INVALID", "kit.say"])
        assert.match(error.message, /cannot be read/)
      }
      yield* tasks.cron(daily())
      assert.match((yield* Effect.flip(tasks.cron(daily()))).message, /two schedules/)
    })
  }
]

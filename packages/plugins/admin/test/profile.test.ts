// @module-tag process
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import inspector from "node:inspector"
import path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { until } from "@mortise/core/testing/until"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as References from "effect/References"
import { vi } from "vitest"
import { profile } from "../src/internal/profile.ts"
import { running } from "./running.ts"
import { temporary } from "./waiting.ts"

const app = path.join(import.meta.dirname, "processes/deskApp.ts")

/** What was printed first: where the file is. */
const fileIn = (out: string): string => out.slice(0, out.indexOf(", "))
const read = (file: string) => JSON.parse(readFileSync(file, "utf8"))
const modeOf = (file: string): number => statSync(file).mode & 0o777

interface Node {
  readonly callFrame: { readonly functionName: string; readonly url: string }
  readonly children?: ReadonlyArray<Node>
}
const functionsOf = (node: Node): ReadonlyArray<string> => [
  node.callFrame.functionName,
  ...(node.children ?? []).flatMap(functionsOf)
]

describe("mortise profile", () => {
  it.live("writes profiles that name what was busy, as developer tools open them, for their owner only", () =>
    Effect.gen(function* () {
      const { folder, log, run } = yield* running(app)
      assert.strictEqual((yield* run("call", "desk.spin")).code, 0)

      const cpu = yield* run("profile", "cpu", "--seconds", "1")
      assert.strictEqual(cpu.code, 0, cpu.err)
      const cpuFile = fileIn(cpu.out)
      assert.strictEqual(path.dirname(cpuFile), folder)
      assert.match(path.basename(cpuFile), /^cpu-\d{8}T\d{6}Z\.cpuprofile$/)
      assert.match(cpu.out, /, [\d.]+ KiB\nOpen it with "Load profile" of the panel Performance /)
      assert.strictEqual(modeOf(cpuFile), 0o600)
      const { endTime, nodes, samples, startTime, timeDeltas } = read(cpuFile)
      assert.isAbove(endTime, startTime)
      assert.lengthOf(timeDeltas, samples.length)
      const named = new Map(nodes.map((node: Node & { id: number }) => [node.id, node.callFrame.functionName]))
      assert.include([...named.values()], "spinTheWheel")
      assert.isTrue(samples.some((id: number) => named.get(id) === "spinTheWheel"))

      const allocations = yield* run("profile", "allocations", "--seconds", "1", "--out", "taken.heapprofile", "--json")
      const { bytes, path: taken } = JSON.parse(allocations.out)
      assert.strictEqual(taken, path.join(folder, "taken.heapprofile"))
      assert.strictEqual(bytes, statSync(taken).size)
      assert.strictEqual(modeOf(taken), 0o600)
      const { head, samples: sampled } = read(taken)
      assert.include(functionsOf(head), "hoardTheGold")
      assert.isNotEmpty(sampled)
      assert.match(log(), /"message":"profile written","fields":\{"kind":"cpu"/)
    })
  )

  it.live("writes a snapshot of the heap, and says what is in it", () =>
    Effect.gen(function* () {
      const { run } = yield* running(app)
      const heap = yield* run("profile", "heap")
      assert.strictEqual(heap.code, 0, heap.err)
      assert.match(heap.out, /panel Memory .*\nIt holds everything that was in memory, secrets too/)
      const file = fileIn(heap.out)
      assert.match(file, /\.heapsnapshot$/)
      assert.strictEqual(modeOf(file), 0o600)
      const { edges, nodes, snapshot, strings } = read(file)
      const { edge_count, meta, node_count } = snapshot
      assert.lengthOf(nodes, node_count * meta.node_fields.length)
      assert.lengthOf(edges, edge_count * meta.edge_fields.length)
      for (const field of ["node_types", "edge_types", "location_fields"]) assert.isArray(meta[field])
      assert.include(strings, "spinTheWheel")
      // the app goes on as before
      assert.strictEqual((yield* run("call", "desk.add", '{"a":1,"b":2}')).out, "3\n")
    })
  )

  it.live("takes one at a time; one that is stopped leaves no file, and the next one may begin", () =>
    Effect.gen(function* () {
      const { admin, folder, run } = yield* running(app)
      const files = () => readdirSync(folder).filter((name) => /profile$|snapshot$/.test(name))
      for (const signal of ["SIGINT", "SIGKILL"] as const) {
        const long = admin("profile", "cpu", "--seconds", "300")
        yield* until("it has begun", () => files().length === 1)
        const second = yield* run("profile", "heap")
        assert.strictEqual(second.code, 1)
        assert.strictEqual(second.err, "✗ A profile is being taken already: wait until it is written, or stop it.\n")
        assert.lengthOf(files(), 1)
        long.child.kill(signal)
        assert.strictEqual(yield* Effect.promise(() => long.ended), signal === "SIGINT" ? 130 : null)
        yield* until("its file is gone", () => files().length === 0)
      }
      assert.strictEqual((yield* run("profile", "allocations", "--seconds", "1")).code, 0)
      assert.lengthOf(files(), 1)
    })
  )

  it.live("ends with the app that stops, and leaves no file then either", () =>
    Effect.gen(function* () {
      const { admin, child, ended, folder } = yield* running(app)
      const file = path.join(folder, "long.cpuprofile")
      const long = admin("profile", "cpu", "--seconds", "300", "--out", "long.cpuprofile")
      yield* until("it has begun", () => existsSync(file))
      child.kill("SIGTERM")
      assert.strictEqual(yield* Effect.promise(() => ended), 0)
      assert.strictEqual(yield* Effect.promise(() => long.ended), 1)
      assert.isFalse(existsSync(file))
    })
  )

  it.live("leaves alone what is there, and makes no folder", () =>
    Effect.gen(function* () {
      const { folder, run } = yield* running(app)
      const there = path.join(folder, "there.cpuprofile")
      writeFileSync(there, "mine")
      symlinkSync(path.join(folder, "elsewhere"), path.join(folder, "link"))
      for (const [out, expected] of [
        ["there.cpuprofile", /there\.cpuprofile is there already: name another file with --out/],
        ["link", /link is there already/],
        [".", /is there already/],
        ["no/where", /The folder \S+\/no does not exist: make it first/],
        ["there.cpuprofile/x", /The app cannot make .*ENOTDIR/],
        ["x".repeat(300), /The app cannot make .*ENAMETOOLONG/]
      ] as const) {
        const { code, err } = yield* run("profile", "heap", "--out", out)
        assert.strictEqual(code, 1, out)
        assert.match(err, expected)
      }
      assert.strictEqual(readFileSync(there, "utf8"), "mine")
      assert.isFalse(existsSync(path.join(folder, "elsewhere")))
    })
  )

  it.live("says so when the disk takes no more, and leaves no file", () =>
    Effect.gen(function* () {
      // a limit of the process is a full disk to it
      const { folder, run } = yield* running(app, "ulimit -f 1000")
      const { code, err } = yield* run("profile", "heap", "--out", "heap.heapsnapshot")
      assert.strictEqual(code, 1)
      assert.match(err, /^✗ The profile was not written: .*EFBIG/)
      assert.isFalse(existsSync(path.join(folder, "heap.heapsnapshot")))
      assert.strictEqual((yield* run("profile", "cpu", "--seconds", "1")).code, 0)
    })
  )
})

describe("the profiler", () => {
  it.live("is connected while a profile is taken, and not after it, however it ends", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const connect = vi.spyOn(inspector.Session.prototype, "connect")
      const disconnect = vi.spyOn(inspector.Session.prototype, "disconnect")
      const counts = () => [connect.mock.calls.length, disconnect.mock.calls.length]
      const at = (name: string) => path.join(folder, name)
      yield* profile({ kind: "cpu", path: at("a"), seconds: 1 })
      assert.deepStrictEqual(counts(), [1, 1])
      const fiber = yield* Effect.forkScoped(profile({ kind: "allocations", path: at("b"), seconds: 300 }))
      yield* until("it has begun", () => counts()[0] === 2)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(counts(), [2, 2])
      assert.isFalse(existsSync(at("b")))
      const refused = yield* Effect.flip(profile({ kind: "heap", path: at("a"), seconds: 1 }))
      assert.deepInclude(refused, { code: "ADMIN_PROFILE_FILE", reason: "file" })
      assert.strictEqual(
        (yield* Effect.flip(profile({ kind: "heap", path: "relative", seconds: 1 }))).code,
        "ADMIN_PROFILE_FILE"
      )
      assert.strictEqual(
        (yield* Effect.flip(profile({ kind: "heap", path: `${folder}/a\u0000b`, seconds: 1 }))).code,
        "ADMIN_PROFILE_FILE"
      )
      assert.deepStrictEqual(counts(), [2, 2])
      vi.restoreAllMocks()
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
  )
})

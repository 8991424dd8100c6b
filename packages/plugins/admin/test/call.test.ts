// @module-tag process
import path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Client from "@mortise/core/client/Client"
import { until } from "@mortise/core/testing/until"
import { Tcp } from "@mortise/transport-socket"
import * as Unix from "@mortise/transport-socket/Unix"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as AdminCommand from "../src/AdminCommand.ts"
import { Admin, type Call, MAX_FRAME_BYTES, MAX_PAYLOAD_BYTES } from "../src/AdminContract.ts"
import * as AdminSocket from "../src/AdminSocket.ts"
import { Desk } from "./processes/desk.ts"
import { running } from "./running.ts"
import { eventually } from "./waiting.ts"

const app = path.join(import.meta.dirname, "processes/deskApp.ts")

/** The app, a client of it over TCP, and one of its admin socket. */
const desk = Effect.gen(function* () {
  const stage = yield* running(app)
  const tcp = yield* Client.make(Desk, Tcp.connector({ host: "127.0.0.1", port: stage.port }))
  const socket = yield* AdminSocket.pathOf(stage.folder, stage.env)
  const owner = yield* Client.make(
    Admin,
    Unix.connector({ name: "admin", path: socket, maxFrameBytes: MAX_FRAME_BYTES })
  )
  const call = (wanted: Call) => Stream.runCollect(owner.request.call(wanted))
  return { ...stage, socket, tcp, owner, call, book: tcp.request.book() }
})

describe("mortise call", () => {
  it.live("shows the token of the environment where it is given none", () =>
    Effect.gen(function* () {
      const { env, run } = yield* running(app)
      // what the owner's shell exports
      Object.assign(env, { MORTISE_TOKEN: "ada-64" })
      assert.strictEqual((yield* run("call", "desk.who")).out, '"ada-64"\n')
      assert.strictEqual((yield* run("call", "desk.who", "--token", "eve-66")).out, '"eve-66"\n')
    })
  )

  it.live("lists what the app serves", () =>
    Effect.gen(function* () {
      const { run } = yield* running(app)
      const { code, out } = yield* run("call")
      assert.strictEqual(code, 0)
      assert.match(out, /^desk\.add +request\n/)
      assert.match(out, /\ndesk\.count +stream\n/)
      assert.match(out, /\ndesk\.note +signal\n/)
      assert.match(out, /\ndesk\.rang +event\n/)
      assert.match(out, /\ndesk\.whisper +relay\n/)
      assert.match(out, /\ndesk\.who +request {2}with --token\n/)
      assert.match(out, /\ndesk\.rule +request {2}with --token of scope rule\n/)
      assert.match(out, /\nlocal\.ping +request {2}on tcp only\n$/)
      const messages = JSON.parse((yield* run("call", "--json")).out)
      assert.deepInclude(messages, { name: "local.ping", kind: "request", on: ["tcp"] })
      assert.deepInclude(messages, { name: "desk.count", kind: "stream", requires: "none" })
    })
  )

  it.live("sends one message as a client would, and shows what comes back", () =>
    Effect.gen(function* () {
      const { run } = yield* running(app)
      for (const [args, out] of [
        [["desk.add", '{"a":1,"b":2}'], "3\n"],
        [["desk.from"], '"admin"\n'],
        [["desk.from", "--json"], '"admin"\n'],
        [["desk.nothing"], "desk.nothing is done; it answers with no data.\n"],
        [["desk.nothing", "--json"], "null\n"],
        [["desk.count", '{"to":3}'], '{"n":1}\n{"n":2}\n{"n":3}\n'],
        [["desk.who", "--token", "ada-64"], '"ada-64"\n'],
        // the handler takes its time, and has run nevertheless
        [["desk.note", '{"text":"a \\u202e b"}'], "desk.note was sent.\n"],
        [["desk.book", "--json"], '{"notes":["a \\u202e b"],"made":0,"began":0,"interrupted":0,"open":1}\n']
      ] as const) {
        assert.deepStrictEqual(yield* run("call", ...args), { code: 0, text: out, out, err: "" }, args.join(" "))
      }
      assert.include((yield* run("call", "desk.book")).out, '{\n  "notes": [\n')
    })
  )

  it.live("prints a declared error as JSON and a fault as a sentence, on standard error, and fails", () =>
    Effect.gen(function* () {
      const { folder, log, run, socket } = yield* desk
      const declared = yield* run("call", "desk.find", '{"name":"bob"}', "--json")
      assert.deepInclude(declared, { code: 1, out: "", err: '{"_tag":"NotFound","name":"bob"}\n' })
      const streamed = yield* run("call", "desk.count", '{"to":-2}')
      assert.deepInclude(streamed, { code: 1, out: '{"n":1}\n{"n":2}\n' })
      assert.deepStrictEqual(JSON.parse(streamed.err), { _tag: "NotFound", name: "the end" })
      const options = { folder, input: process.stdin, print: () => {}, colours: false }
      for (const [args, expected] of [
        [["desk.ad"], /^There is no message "desk\.ad": did you mean desk\.add\? \[UNKNOWN_MESSAGE\]$/],
        [["till.find"], /did you mean desk\.find\?/],
        [["nothing.like.it"], /`mortise call` lists what there is/],
        [["desk.add", '{"a":1,"b":"2"}'], /^desk\.add got a wrong payload at "b": .* \[BAD_PAYLOAD\]$/],
        [["desk.add"], /\[BAD_PAYLOAD\]/],
        [["desk.note", "{}"], /^desk\.note got a wrong payload at "text": .* \[BAD_PAYLOAD\]$/],
        [["desk.who"], /^desk\.who is for those who have said who they are.* \[UNAUTHENTICATED\]$/],
        [["desk.who", "--token", "x"], /\[UNAUTHENTICATED\]/],
        [["desk.rule", "--token", "ada-64"], /the scope rule \[FORBIDDEN\]/],
        [["local.ping"], /^local\.ping is served on tcp only: .* \[NOT_SERVED_HERE\]$/],
        [["desk.rang"], /^desk\.rang is an event: .* \[NOT_CALLABLE\]$/],
        [["desk.whisper"], /^desk\.whisper is a relay .* \[NOT_CALLABLE\]$/],
        [["desk.never", "--timeout", "0.2"], /\[DEADLINE_EXCEEDED\]/],
        [["desk.lost"], /\[INTERNAL, reference [^\]]+\]$/],
        [["desk.fill", '{"length":2000000}'], /^The answer is larger than a frame may be.*\[INTERNAL, reference/]
      ] as const) {
        const failed = yield* Effect.flip(AdminCommand.run({ ...options, args: ["--socket", socket, "call", ...args] }))
        assert.deepInclude(failed, { _tag: "AdminCallFailed", json: false }, args.join(" "))
        assert.match(failed.message, expected)
      }
      const fault = yield* run("call", "desk.ad")
      assert.deepInclude(fault, { code: 1, out: "" })
      assert.strictEqual(fault.err, '✗ There is no message "desk.ad": did you mean desk.add? [UNKNOWN_MESSAGE]\n')
      const json = yield* run("call", "desk.add", '{"a":1,"b":"2"}', "--json")
      assert.deepInclude(JSON.parse(json.err).fault, { code: "BAD_PAYLOAD", path: ["b"] })
      assert.include(log(), "a bug", "what a handler dies of is in the app's log, as for any client")
    })
  )

  it.live("reads the payload from standard input, up to a bound, and no longer than it is wanted", () =>
    Effect.gen(function* () {
      const { admin } = yield* running(app)
      const ends = (command: ReturnType<typeof admin>) => Effect.promise(() => command.ended)
      const whole = admin("call", "desk.size", "-")
      const length = MAX_PAYLOAD_BYTES - '{"text":""}'.length
      whole.child.stdin?.end(`{"text":"${"x".repeat(length)}"}`)
      assert.strictEqual(yield* ends(whole), 0, whole.err())
      assert.strictEqual(whole.out(), `${length}\n`)

      const latin = admin("call", "desk.size", "-")
      latin.child.stdin?.end(Buffer.from('{"text":"é"}', "latin1"))
      assert.strictEqual(yield* ends(latin), 2)
      assert.match(latin.err(), /Standard input is not UTF-8/)

      const flood = admin("call", "desk.size", "-")
      const pour = () => {
        while (flood.child.stdin?.write("x".repeat(65_536)) === true);
      }
      flood.child.stdin?.on("error", () => {}).on("drain", pour)
      pour()
      assert.strictEqual(yield* ends(flood), 2)
      assert.match(flood.err(), /Standard input has more than 1048576 bytes/)

      const silent = admin("call", "desk.size", "-")
      // more than lies in a pipe: once it is gone, it was read
      silent.child.stdin?.write("x".repeat(1_000_000))
      yield* until("it reads", () => silent.child.stdin?.writableLength === 0)
      silent.child.kill("SIGINT")
      assert.strictEqual(yield* ends(silent), 130)
    })
  )

  it.live("gives the message up when the command is stopped, and when it is killed", () =>
    Effect.gen(function* () {
      const { admin, book, owner } = yield* desk
      const stopped = admin("call", "desk.never")
      yield* eventually("it runs", book, ({ began }) => began === 1)
      const clients = yield* owner.request.clients()
      assert.sameMembers(
        clients.map(({ transport }) => transport),
        ["tcp", "admin"]
      )
      assert.lengthOf((yield* owner.request.info()).listening, 2, "a call is no address of the app")
      stopped.child.kill("SIGINT")
      assert.strictEqual(yield* Effect.promise(() => stopped.ended), 130)
      yield* eventually("its handler is interrupted", book, ({ interrupted }) => interrupted === 1)

      const killed = admin("call", "desk.quiet")
      yield* eventually("it runs", book, ({ began }) => began === 2)
      killed.child.kill("SIGKILL")
      yield* eventually("its handler is interrupted", book, ({ interrupted }) => interrupted === 2)
      yield* eventually("its connection is closed", book, ({ open }) => open === 1)
      assert.lengthOf(yield* owner.request.clients(), 1)
    })
  )

  it.live("makes no more of an endless answer than is read", () =>
    Effect.gen(function* () {
      const { book, owner } = yield* desk
      const reading = yield* Stream.runForEach(owner.request.call({ name: "desk.forever" }), () => Effect.never).pipe(
        Effect.forkScoped
      )
      let before = -1
      const { made } = yield* eventually("it stands still", book, ({ made }) => {
        const still = made > 0 && made === before
        before = made
        return still
      })
      assert.isBelow(made, 30_000)
      // it stands, it has not ended
      assert.strictEqual((yield* book).interrupted, 0)
      reading.interruptUnsafe()
      yield* eventually("its handler is interrupted", book, ({ interrupted }) => interrupted === 1)
    })
  )

  it.live("ends with the app that stops, and is refused while it does", () =>
    Effect.gen(function* () {
      const { admin, book, call, child, ended, owner } = yield* desk
      const quiet = admin("call", "desk.quiet")
      yield* eventually("it runs", book, ({ began }) => began === 1)
      child.kill("SIGTERM")
      yield* eventually("the app drains", owner.request.info(), ({ draining }) => draining)
      const [refused] = yield* call({ name: "desk.from" })
      assert.deepInclude(refused, { _tag: "Fault", code: "REFUSED" })
      assert.match((refused as { readonly message: string }).message, /shutting down/)
      assert.strictEqual(yield* Effect.promise(() => quiet.ended), 1)
      assert.match(quiet.err(), /\[UNAVAILABLE\]/)
      assert.strictEqual(yield* Effect.promise(() => ended), 0)
    })
  )

  it.live("takes what is no payload for what it is", () =>
    Effect.gen(function* () {
      const { call } = yield* desk
      const codeOf = (wanted: Call) => Effect.map(call(wanted), ([heard]) => (heard as { readonly code?: string }).code)
      const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`
      for (const [payload, code] of [
        ['1},"kind":"hello"', "BAD_PAYLOAD"],
        ['{"a":1,"b":2} {"a":1,"b":2}', "BAD_PAYLOAD"],
        ["", "BAD_PAYLOAD"],
        ["\u0000", "BAD_PAYLOAD"],
        [nested(400_000), "BAD_PAYLOAD"],
        [`"${"é".repeat(MAX_PAYLOAD_BYTES / 2)}"`, "BAD_PAYLOAD"]
      ] as const) {
        assert.strictEqual(yield* codeOf({ name: "desk.add", payload }), code, payload.slice(0, 30))
      }
      assert.strictEqual(yield* codeOf({ name: "desk.take", payload: `{"any":${nested(400_000)}}` }), "BAD_PAYLOAD")
      assert.strictEqual(yield* codeOf({ name: '"}\n' }), "UNKNOWN_MESSAGE")
      const deep = yield* codeOf({ name: "desk.nest", payload: '{"depth":100000}' })
      assert.strictEqual(deep, "INTERNAL")
      for (const wanted of [{ name: "x".repeat(201) }, { name: "desk.add", timeoutMillis: 0 }]) {
        assert.strictEqual((yield* Effect.flip(call(wanted)))._tag, "RequestFault")
      }
      assert.deepStrictEqual(yield* call({ name: "desk.add", payload: ' {"a":1,\n"b":2}\n' }), [
        { _tag: "Answer", json: "3" }
      ])
    })
  )

  it.live("is one connection for each call, and many at once do not mix", () =>
    Effect.gen(function* () {
      const { book, call } = yield* desk
      const answers = yield* Effect.forEach(
        Array.from({ length: 50 }, (_, i) => i),
        (a) => call({ name: "desk.add", payload: JSON.stringify({ a, b: 1000 }) }),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        answers.map(([heard]) => heard),
        answers.map((_, i) => ({ _tag: "Answer" as const, json: String(1000 + i) }))
      )
      yield* eventually("all are closed", book, ({ open }) => open === 1)
    })
  )
})

/** The contract that the kit serves: one message for each property that a message can have. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Stream from "effect/Stream"
import * as Contract from "../../transport/Contract.ts"
import type { World } from "./World.ts"

export class Refused extends Schema.TaggedError<Refused>()("Refused", { why: Schema.String }) {}

/** A value whose encodings are counted. */
export const encodings = { count: 0 }
const Counted = Schema.String.pipe(
  Schema.decodeTo(
    Schema.String,
    SchemaTransformation.transform({
      decode: (text) => text,
      encode: (text) => {
        encodings.count++
        return text
      }
    })
  )
)

/** Throws where it is decoded or encoded: a bug in a schema of the server's. */
const Brittle = Schema.String.pipe(
  Schema.decodeTo(
    Schema.String,
    SchemaTransformation.transform({
      decode: (text) => breaks(text, "decode"),
      encode: (text) => breaks(text, "encode")
    })
  )
)
const breaks = (text: string, when: string): string => {
  if (text === when) throw new Error("secret detail")
  return text
}

export interface Tree {
  readonly name: string
  readonly children: ReadonlyArray<Tree>
}
export const Tree = Schema.Struct({
  name: Schema.String,
  children: Schema.Array(Schema.suspend((): Schema.Codec<Tree> => Tree))
})

/** One of each kind of value that JSON lacks. */
export const Values = Schema.Struct({
  bytes: Schema.Uint8Array,
  date: Schema.Date,
  big: Schema.BigInt,
  numbers: Schema.Array(Schema.Number),
  note: Schema.optionalKey(Schema.String),
  either: Schema.Union([Schema.Uint8Array, Schema.Int]),
  record: Schema.Record(Schema.String, Schema.Uint8Array)
})

const key = { key: Schema.String }
export const Kit = Contract.make("kit", {
  requests: {
    /** answered at once */
    echo: { payload: { text: Schema.String }, success: Schema.String },
    /** waits for its gate, one after another */
    wait: { payload: key, success: Schema.String },
    /** as `wait`, two at a time */
    pair: { payload: key, success: Schema.String, concurrency: 2 },
    /** as `wait`, any number at a time */
    free: { payload: key, success: Schema.String, concurrency: 10_000 },
    /** as `wait`, and goes on when the connection closes */
    detached: { payload: key, success: Schema.String, detached: true },
    /** as `wait`, for 100 milliseconds at most */
    brief: { payload: key, success: Schema.String, deadline: 100 },
    /** 1 … `to`, then its end or `after` */
    count: {
      payload: { to: Schema.Int, after: Schema.optionalKey(Schema.Literals(["refuse", "die"])) },
      success: Schema.Int,
      error: Refused,
      stream: true
    },
    /** texts of `size` characters for ever; the world counts how many were pulled */
    pour: { payload: { ...key, size: Schema.Int }, success: Schema.String, stream: true },
    /** as `pour`, and goes on when the connection closes */
    spill: { payload: { ...key, size: Schema.Int }, success: Schema.String, stream: true, detached: true },
    /** 1, and then nothing for ever */
    stay: { success: Schema.Int, stream: true },
    /** `times` texts of `size` characters, in one chunk */
    burst: { payload: { size: Schema.Int, times: Schema.Int }, success: Schema.String, stream: true },
    /** goes wrong in the way asked for */
    fail: {
      payload: { how: Schema.Literals(["refuse", "die", "throw", "wrong", "interrupt", "undeclared"]) },
      success: Schema.Int,
      error: Refused
    },
    /** answers with the text, through a schema that throws at the texts `decode` and `encode` */
    brittle: { payload: { text: Brittle }, success: Brittle },
    /** any JSON; answers with it, or with one that nests too deeply to be written */
    any: { payload: { value: Schema.Json }, success: Schema.Json },
    /** fails though it declares no error, as plain JavaScript may */
    broken: {},
    nothing: {},
    optional: {
      payload: { name: Schema.optionalKey(Schema.String), age: Schema.optionalKey(Schema.Int) },
      success: Schema.Struct({ fields: Schema.Array(Schema.String) })
    },
    values: { payload: Values, success: Values },
    tree: { payload: { tree: Tree }, success: Tree },
    bytes: { payload: { bytes: Schema.Uint8Array }, success: Schema.Uint8Array },
    /** an answer of this many characters */
    long: { payload: { size: Schema.Int }, success: Schema.String },
    /** emits `said` with the text (a number for the text `wrong`), `times` times; answers with what the last send said */
    emit: { payload: { text: Schema.String, times: Schema.Int }, success: Schema.String },
    /** closes the connection from within */
    leave: { payload: { code: Schema.Int } }
  },
  signals: {
    note: { payload: { text: Schema.String } },
    /** waits for its gate */
    linger: { payload: key },
    bare: {}
  },
  events: {
    said: { payload: { text: Schema.String } },
    news: { payload: { text: Schema.String }, whenSlow: "drop" },
    counted: { payload: { text: Counted } },
    tick: {}
  },
  relays: ["pass", "alias"]
})

const tooDeep = (): Schema.Json => {
  let value: Schema.Json = 1
  for (let i = 0; i < 100_000; i++) value = [value]
  return value
}

export const makeImplementation = (world: World) => {
  const pour = ({ key, size }: { readonly key: string; readonly size: number }) =>
    Stream.fromEffectRepeat(Effect.sync(() => (world.pull(key), "x".repeat(size)))).pipe(
      Stream.ensuring(Effect.sync(() => world.note(`end ${key}`)))
    )
  const wait = ({ key }: { readonly key: string }) => world.pass(key)
  return Contract.implement(
    Kit,
    {
      echo: ({ text }) => {
        world.note(`echo ${text}`)
        return Effect.succeed(text)
      },
      wait,
      pair: wait,
      free: wait,
      detached: wait,
      brief: wait,
      count: ({ after, to }) => {
        const numbers = Stream.range(1, to)
        if (after === "refuse") return Stream.concat(numbers, Stream.fail(new Refused({ why: "enough" })))
        return after === "die" ? Stream.concat(numbers, Stream.die(new Error("secret detail"))) : numbers
      },
      pour,
      spill: pour,
      stay: () => Stream.concat(Stream.make(1), Stream.never),
      burst: ({ size, times }) => Stream.fromArray(Array.from({ length: times }, () => "x".repeat(size))),
      fail: ({ how }) => {
        if (how === "refuse") return Effect.fail(new Refused({ why: "asked for" }))
        if (how === "throw") throw new Error("secret detail")
        if (how === "interrupt") return Effect.interrupt
        // what types forbid and plain JavaScript does
        if (how === "wrong") return Effect.succeed("secret detail" as unknown as number)
        if (how === "undeclared") return Effect.fail(new Error("secret detail") as unknown as Refused)
        return Effect.die(new Error("secret detail"))
      },
      brittle: ({ text }) => Effect.succeed(text),
      any: ({ value }) => Effect.succeed(value === "too deep" ? tooDeep() : value),
      broken: () => Effect.fail(new Error("secret detail") as never),
      nothing: () => Effect.void,
      optional: (payload) => Effect.succeed({ fields: Object.keys(payload).sort() }),
      values: (payload) => Effect.succeed(payload),
      tree: ({ tree }) => Effect.succeed(tree),
      bytes: ({ bytes }) => Effect.succeed(bytes),
      long: ({ size }) => Effect.succeed("x".repeat(size)),
      emit: ({ text, times }, caller) =>
        Effect.sync(() => {
          let result = "none"
          for (let i = 0; i < times; i++)
            result = caller.emit("said", { text: (text === "wrong" ? 1 : text) as string })
          return result
        }),
      leave: ({ code }, caller) => Effect.sync(() => caller.close(code, "asked to")),
      note: ({ text }) => Effect.sync(() => world.note(`note ${text}`)),
      linger: ({ key }) => Effect.asVoid(world.pass(key)),
      bare: () => Effect.sync(() => world.note("bare")),
      pass: ({ size, to }, caller) =>
        Effect.sync(() => {
          world.note(`pass ${size} bytes from ${caller.connection.id}`)
          return { to: to.split(",") }
        }),
      alias: ({ to }) =>
        to === "broken"
          ? Effect.fail(new Error("secret detail") as never)
          : Effect.succeed({ to: [to], from: "the server says" })
    },
    {
      opened: (caller) => Effect.sync(() => world.note(`opened ${caller.connection.id}`)),
      closed: (caller) => Effect.sync(() => world.note(`closed ${caller.connection.id}`))
    }
  )
}

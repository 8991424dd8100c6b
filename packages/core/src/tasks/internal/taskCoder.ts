import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { describe } from "../../transport/internal/codec.ts"
import type { Any } from "../Task.ts"

type Coded<A> = Result.Result<A, string>

/** Text of a task's values, and back. A failure says in words why not. */
export interface ValueCoder {
  readonly write: (value: unknown) => Coded<string>
  readonly read: (text: string) => Coded<unknown>
}

export interface TaskCoder {
  readonly payload: ValueCoder
  readonly success: ValueCoder
  readonly error: ValueCoder
}

const explain = (cause: Cause.Cause<Schema.SchemaError>): string => {
  const error = Cause.squash(cause)
  if (!Schema.isSchemaError(error)) return `its schema threw: ${String(error)}`
  const { message, path } = describe(error)
  return path.length === 0 ? message : `${message} at ${path.join(".")}`
}

const attempt = <A>(run: () => Coded<A>): Coded<A> => {
  try {
    return run()
  } catch (error) {
    return Result.fail(String(error))
  }
}

const valueCoder = (schema: Schema.ConstraintCodec<unknown, unknown>): ValueCoder => {
  const json = Schema.toCodecJson(schema as Schema.Codec<unknown, unknown>) as unknown as Schema.Codec<unknown, unknown>
  const encode = Schema.encodeUnknownExit(json)
  const decode = Schema.decodeUnknownExit(json)
  return {
    write: (value) =>
      attempt(() => {
        const exit = encode(value)
        return Exit.isSuccess(exit)
          ? Result.succeed(JSON.stringify(exit.value) ?? "null")
          : Result.fail(explain(exit.cause))
      }),
    read: (text) =>
      attempt(() => {
        const exit = decode(JSON.parse(text))
        return Exit.isSuccess(exit) ? Result.succeed(exit.value) : Result.fail(explain(exit.cause))
      })
  }
}

const coders = new WeakMap<Any, TaskCoder>()

export const coderOf = (task: Any): TaskCoder => {
  const known = coders.get(task)
  if (known !== undefined) return known
  const coder = {
    payload: valueCoder(task.payload),
    success: valueCoder(task.success),
    error: valueCoder(task.error)
  }
  coders.set(task, coder)
  return coder
}

/** Passwords with the argon2id of Node itself. Two to four times slower than a native library: see docs/auth.md. */
import { argon2 } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Options, Password } from "./Password.ts"
import * as PasswordEngine from "./PasswordEngine.ts"

const derive: PasswordEngine.Derive = (message, nonce, { memory, parallelism, passes }) =>
  Effect.callback((resume) => {
    argon2("argon2id", { message, nonce, memory, passes, parallelism, tagLength: 32 }, (error, derived) =>
      resume(error === null ? Effect.succeed(derived) : Effect.die(error))
    )
  })

/** Hashes on the threads of libuv. */
export const layer = (options: Options = {}): Layer.Layer<Password> =>
  Layer.effect(Password, PasswordEngine.make(derive, options))

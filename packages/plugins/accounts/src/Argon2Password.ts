/** Passwords with @node-rs/argon2: the same hashes as Node's own, in less than half the time. */
import { type Options, Password } from "@mortise/core/auth/Password"
import * as PasswordEngine from "@mortise/core/auth/PasswordEngine"
import { type Algorithm, hashRaw, type Version } from "@node-rs/argon2"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const derive: PasswordEngine.Derive = (password, salt, { memory, parallelism, passes }) =>
  Effect.promise(() =>
    hashRaw(password, {
      algorithm: 2 satisfies Algorithm.Argon2id,
      version: 1 satisfies Version.V0x13,
      memoryCost: memory,
      timeCost: passes,
      parallelism,
      outputLen: 32,
      salt
    })
  )

/** Hashes on the threads of libuv. */
export const layer = (options: Options = {}): Layer.Layer<Password> =>
  Layer.effect(Password, PasswordEngine.make(derive, options))

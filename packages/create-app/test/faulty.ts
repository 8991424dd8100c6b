import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as PlatformError from "effect/PlatformError"

type Operation = "open" | "rename" | "makeDirectory" | "remove"
const operations: ReadonlyArray<Operation> = ["open", "rename", "makeDirectory", "remove"]

/** The real file system, in which something else happens instead of the n-th operation that changes the disk. */
export const faulty = (
  at: number,
  happens: (operation: Operation) => Effect.Effect<never, PlatformError.PlatformError>
): Layer.Layer<FileSystem.FileSystem> =>
  Layer.effect(
    FileSystem.FileSystem,
    Effect.map(FileSystem.FileSystem, (fs) => {
      let count = 0
      const wrapped = { ...fs }
      for (const operation of operations) {
        const original = fs[operation] as (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown, never>
        const replaced = (...args: ReadonlyArray<unknown>) =>
          Effect.suspend(() => (count++ === at ? happens(operation) : original(...args)))
        Object.assign(wrapped, { [operation]: replaced })
      }
      return wrapped
    })
  ).pipe(Layer.provide(NodeFileSystem.layer))

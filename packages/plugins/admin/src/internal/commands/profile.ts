/** `profile`: lets the app write a profile of itself into the folder of whoever asks. */
import path from "node:path"
import type { Client } from "@mortise/core/client/Client"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Admin, ProfileKind } from "../../AdminContract.ts"
import { AdminCommandRefused } from "../../AdminError.ts"
import { sized } from "./lines.ts"

export interface ProfileOptions {
  readonly json?: boolean | undefined
  /** As they were typed. */
  readonly seconds?: string | undefined
  readonly out?: string | undefined
  /** Where a relative `out` begins. */
  readonly folder: string
  readonly print: (text: string) => void
}

/** How Chrome's developer tools tell them apart, and where they open them. */
const files: { readonly [kind in ProfileKind]: { readonly extension: string; readonly panel: string } } = {
  cpu: { extension: "cpuprofile", panel: "Performance" },
  heap: { extension: "heapsnapshot", panel: "Memory" },
  allocations: { extension: "heapprofile", panel: "Memory" }
}
const isKind = (word: string | undefined): word is ProfileKind => word !== undefined && Object.hasOwn(files, word)

const DEFAULT_SECONDS = 10

const refused = (reason: string) => new AdminCommandRefused({ reason })

const secondsOf = (kind: ProfileKind, word: string | undefined): Effect.Effect<number, AdminCommandRefused> => {
  if (word === undefined) return Effect.succeed(DEFAULT_SECONDS)
  if (kind === "heap")
    return Effect.fail(
      refused("A snapshot of the heap is of one moment: leave --seconds out, or take `profile allocations`.")
    )
  const seconds = Number(word)
  return /^\d{1,3}$/.test(word) && seconds >= 1 && seconds <= 300
    ? Effect.succeed(seconds)
    : Effect.fail(refused(`--seconds takes a whole number from 1 to 300; ${JSON.stringify(word)} is none.`))
}

/** `cpu-20261125T234105Z.cpuprofile`: the time of day, in UTC. */
const nameOf = (kind: ProfileKind, millis: number): string => {
  const time = new Date(millis).toISOString().replace(/\.\d+/, "").replaceAll(/[-:]/g, "")
  return `${kind}-${time}.${files[kind].extension}`
}

export const profile = Effect.fnUntraced(function* (
  { request }: Client<(typeof Admin)["spec"]>,
  [kind, ...more]: ReadonlyArray<string>,
  { folder, json, out, print, seconds: typed }: ProfileOptions
) {
  if (!isKind(kind) || more.length > 0) return yield* refused("profile takes one word: cpu, heap or allocations.")
  const seconds = yield* secondsOf(kind, typed)
  const file = path.resolve(folder, out ?? nameOf(kind, yield* Clock.currentTimeMillis))
  const { bytes } = yield* request.profile({ kind, path: file, seconds })
  if (json === true) return print(JSON.stringify({ path: file, bytes }))
  const secrets = kind === "heap" ? "\nIt holds everything that was in memory, secrets too: keep it to yourself." : ""
  print(
    `${file}, ${sized(bytes)}\nOpen it with "Load profile" of the panel ${files[kind].panel} in Chrome's developer tools.${secrets}`
  )
})

import * as Effect from "effect/Effect"
import { runOrmKit } from "../../../src/testing/vitest.ts"
import * as MemoryOrm from "./MemoryOrm.ts"

runOrmKit({ name: "arrays in memory", traits: [], open: () => Effect.sync(() => ({ orm: MemoryOrm.make() })) })

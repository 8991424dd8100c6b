/** Mortise with tasks in memory. */
import * as MemoryTaskStore from "@mortise/core/tasks/MemoryTaskStore"
import { TaskStore } from "@mortise/core/tasks/TaskStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { subjectOf } from "../engine.ts"
import type { Subject } from "../Subject.ts"

export const open = (): Subject =>
  subjectOf(Layer.fresh(Layer.sync(TaskStore, () => MemoryTaskStore.make())), Effect.void)

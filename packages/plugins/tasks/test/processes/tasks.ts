import * as Task from "@mortise/core/tasks/Task"
import * as Schema from "effect/Schema"

/** Done by any worker; every fiftieth takes a while. */
export const Counted = Task.make("counted", {
  payload: { n: Schema.Int },
  success: Schema.Int,
  retry: { tries: 50, delay: 1 }
})

/** Kills who runs it. */
export const Poison = Task.make("poison", { retry: { tries: 3, delay: 1 } })

/**
 * The behaviour that `EventBus.ts` promises, as data: every bus runs the same cases. `testing/vitest` runs it; another
 * runner needs a loop of ten lines.
 */
import { bounds } from "./event-bus-kit/bounds.ts"
import { correlation } from "./event-bus-kit/correlation.ts"
import { delivery } from "./event-bus-kit/delivery.ts"
import { faults } from "./event-bus-kit/faults.ts"
import type { EventBusCase } from "./event-bus-kit/Harness.ts"
import { handlers } from "./event-bus-kit/handlers.ts"
import { requests } from "./event-bus-kit/requests.ts"
import { subjects } from "./event-bus-kit/subjects.ts"

export type { EventBusCase, EventBusFixture, EventBusHarness, EventBusTrait } from "./event-bus-kit/Harness.ts"
export { missing } from "./event-bus-kit/Harness.ts"

/** All cases, grouped by theme in their order. */
export const cases: ReadonlyArray<EventBusCase> = [
  ...delivery,
  ...subjects,
  ...handlers,
  ...bounds,
  ...requests,
  ...correlation,
  ...faults
]

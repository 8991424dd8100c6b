import { type Envelope, type Fault, Kind, Outcome } from "../Wire.ts"
import { Route, type Served } from "./table.ts"

/** Stands in a sequence of messages for one that is not handled, so that its fault is said when its turn has come. */
export const refusal = new Route(
  { kind: "request", tag: "", name: "", payload: undefined, definition: {} },
  0,
  { handlers: {} } as Served,
  0
)

/** What comes with `refusal`: the fault is its payload. */
export const refused = (id: number, fault: Fault): Envelope => ({
  kind: Kind.request,
  id,
  message: 0,
  outcome: Outcome.success,
  payload: fault,
  meta: undefined,
  peer: ""
})

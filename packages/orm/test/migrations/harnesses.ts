import { type Harness, sqlite } from "./harness.ts"

export const harnesses: ReadonlyArray<Harness> = [sqlite]

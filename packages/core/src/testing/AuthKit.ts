/**
 * What auth promises, as data: whatever keeps accounts, sessions and tokens runs the same cases, so that nobody gets in
 * somewhere who would be kept out elsewhere. `testing/vitest` runs it.
 */
import { accounts } from "./auth-kit/accounts.ts"
import { apiTokens } from "./auth-kit/apiTokens.ts"
import { authenticators } from "./auth-kit/authenticators.ts"
import { gateway } from "./auth-kit/gateway.ts"
import type { AuthCase } from "./auth-kit/Harness.ts"
import { lockout } from "./auth-kit/lockout.ts"
import { passwordChanges } from "./auth-kit/passwordChanges.ts"
import { passwords } from "./auth-kit/passwords.ts"
import { sessionEnds } from "./auth-kit/sessionEnds.ts"
import { sessions } from "./auth-kit/sessions.ts"
import { signingIn } from "./auth-kit/signingIn.ts"

export type { AuthCase, AuthHarness, AuthTrait, StoreServices, Stores } from "./auth-kit/Harness.ts"
export { missing } from "./auth-kit/Harness.ts"

/** All cases, grouped by theme in their order. */
export const cases: ReadonlyArray<AuthCase> = [
  ...sessions,
  ...sessionEnds,
  ...apiTokens,
  ...accounts,
  ...passwordChanges,
  ...lockout,
  ...passwords,
  ...authenticators,
  ...gateway,
  ...signingIn
]

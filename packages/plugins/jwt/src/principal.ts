import * as Principal from "@mortise/core/auth/Principal"
import type * as Schema from "effect/Schema"
import type { JWTPayload } from "jose"

const registered = new Set(["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scope"])

/** `sub` as the id, `scope` as the scopes, and what RFC 7519 does not register as the claims. */
export const principalOf = (payload: JWTPayload): Principal.Principal | undefined => {
  const { scope, sub } = payload
  if (typeof sub !== "string" || sub === "" || sub.length > 255) return undefined
  if (scope !== undefined && typeof scope !== "string") return undefined
  const claims = Object.fromEntries(Object.entries(payload).filter(([name]) => !registered.has(name)))
  return Principal.make(sub, {
    scopes: scope === undefined ? [] : scope.split(" ").filter((one) => one !== ""),
    // what was parsed from JSON is JSON
    claims: claims as { readonly [name: string]: Schema.Json }
  })
}

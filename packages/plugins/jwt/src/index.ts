/**
 * JSON Web Tokens as credentials of Mortise.
 *
 * @example
 * import { jwt } from "@mortise/plugin-jwt"
 * const app = Plugin.compose(gateway(), auth(), jwt(), …)
 */
export * as Jwt from "./Jwt.ts"
export { JwtAuthenticator, jwt } from "./JwtPlugin.ts"
export { JwtKeyInvalid } from "./Keys.ts"

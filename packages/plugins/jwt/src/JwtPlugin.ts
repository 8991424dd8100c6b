/** JSON Web Tokens as a plugin: contributes an authenticator to `auth()`. */
import * as Plugin from "@mortise/core/app/Plugin"
import { Auth, type Authenticator } from "@mortise/core/auth/Auth"
import { authenticator } from "@mortise/core/auth/AuthPlugin"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Jwt from "./Jwt.ts"

const config = Schema.Struct({
  algorithm: Schema.Literals(Jwt.algorithms).pipe(Schema.withDecodingDefaultKey(Effect.succeed("EdDSA" as const))),
  key: Schema.RedactedFromValue(Schema.NonEmptyString),
  issuer: Schema.NonEmptyString,
  audience: Schema.NonEmptyString,
  type: Schema.optionalKey(Schema.NonEmptyString),
  clockToleranceSeconds: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300 })))
})

/** The configured way to check tokens, for plugins that meet them elsewhere than at the gateway. */
export class JwtAuthenticator extends Context.Service<JwtAuthenticator, Authenticator>()(
  "@mortise/plugin-jwt/JwtAuthenticator"
) {}

/** Takes tokens as the section `jwt` of the configuration says; `auth()` must be in the app. */
export const jwt = Plugin.define({
  name: "jwt",
  options: Plugin.options<Pick<Jwt.JwtOptions, "principal">>(),
  config,
  provides: [JwtAuthenticator],
  // hosts the point that this contributes to
  requires: [Auth],
  layer: ({ config, options }) => Layer.effect(JwtAuthenticator, Jwt.make({ ...config, ...options })),
  contributes: [authenticator(Effect.map(JwtAuthenticator, (made) => made))]
})

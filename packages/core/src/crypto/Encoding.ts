/**
 * Bytes as text, and back only from the one text that encoding gives: no white space, no missing or superfluous padding, no
 * bits left over. So two texts are equal exactly if their bytes are, which counts where a text is looked up, compared or
 * signed.
 *
 * @example
 * const text = Encoding.base64Url.encode(publicKey)
 * const bytes = yield* Encoding.base64Url.decode(text)
 */
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Hex from "effect/encoding/Hex"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"

/** The text is not what this encoding gives for any bytes. It is not repeated here: it may be a secret. */
export class EncodingInvalid extends Errors.make<EncodingInvalid>()(
  "EncodingInvalid",
  { component: "crypto", code: "CRYPTO_ENCODING_INVALID", status: 400 },
  {
    encoding: Schema.String,
    /** Of the text, in UTF-16 units. */
    length: Schema.Int
  }
) {
  override get message(): string {
    return `A text of length ${this.length} is not ${this.encoding} as it is written here: check its alphabet, padding and length.`
  }
}

export interface Encoding {
  readonly name: string
  readonly encode: (bytes: Uint8Array) => string
  readonly decode: (text: string) => Effect.Effect<Uint8Array, EncodingInvalid>
}

const strict = (
  name: string,
  encode: (bytes: Uint8Array) => string,
  decode: (text: string) => Result.Result<Uint8Array, unknown>
): Encoding => ({
  name,
  encode,
  decode: (text) =>
    Effect.suspend(() => {
      const decoded = decode(text)
      return Result.isSuccess(decoded) && encode(decoded.success) === text
        ? Effect.succeed(decoded.success)
        : Effect.fail(new EncodingInvalid({ encoding: name, length: text.length }))
    })
})

/** Base 16 in lower case. */
export const hex: Encoding = strict("hex", Hex.encode, Hex.decode)
/** RFC 4648 §4, with padding. */
export const base64: Encoding = strict("base64", Base64.encode, Base64.decode)
/** RFC 4648 §5, without padding. */
export const base64Url: Encoding = strict("base64url", Base64Url.encode, Base64Url.decode)

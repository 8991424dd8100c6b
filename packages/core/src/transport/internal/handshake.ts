import { type Envelope, type Fault, versions } from "../Wire.ts"

export interface HelloFacts {
  readonly connection: string
  readonly maxFrameBytes: number
  readonly messages: ReadonlyArray<readonly [number: number, kind: string, name: string]>
}
export type HelloAnswer =
  | { readonly _tag: "Agreed"; readonly payload: HelloFacts & { readonly version: number } }
  | { readonly _tag: "Refused"; readonly fault: Fault }

/** The server's answer to a client's hello: the highest version that both know. */
export const answer = (hello: Envelope, facts: HelloFacts): HelloAnswer => {
  const range = hello.payload
  if (
    typeof range !== "object" ||
    range === null ||
    !("min" in range) ||
    !("max" in range) ||
    !Number.isInteger(range.min) ||
    !Number.isInteger(range.max)
  ) {
    return {
      _tag: "Refused",
      fault: {
        code: "BAD_PAYLOAD",
        message: `A hello has the payload {"min":1,"max":1}: the versions that the client knows`,
        path: []
      }
    }
  }
  const version = Math.min(range.max as number, versions.max)
  if (version < (range.min as number) || version < versions.min) {
    const ours = `${versions.min} to ${versions.max}`
    return {
      _tag: "Refused",
      fault: { code: "UNSUPPORTED_VERSION", message: `This server knows versions ${ours} of the envelope` }
    }
  }
  return { _tag: "Agreed", payload: { version, ...facts } }
}

import { postgresDatabaseBeside } from "@mortise/orm/testing"
import * as Effect from "effect/Effect"
import { config } from "../src/config.ts"

const { http: _http, tcp: _tcp, unix: _unix, ...others } = config
const sections: { readonly [plugin: string]: object } = others

/** Configuration of the app under test, beside free ports: a database of its own, which ends with the test. */
export const settings = Effect.gen(function* () {
  if ("sqlite" in sections) return { ...sections, sqlite: { file: ":memory:" } }
  const { postgres } = sections as { readonly postgres?: { readonly url?: string } }
  if (postgres === undefined) return sections
  const { url = "" } = postgres
  if (!URL.canParse(url)) throw new Error("Set POSTGRES_URL: the tests make databases of their own on its server")
  return { ...sections, postgres: { ...postgres, url: yield* postgresDatabaseBeside(url) } }
})

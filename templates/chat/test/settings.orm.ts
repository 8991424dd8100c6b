import { config } from "../src/config.ts"

const { http: _http, tcp: _tcp, unix: _unix, ...others } = config

/** Configuration of the app under test, beside free ports: a database in a file is one in memory for the test. */
export const settings = "sqlite" in others ? { ...others, sqlite: { file: ":memory:" } } : others

/** Configuration of the app under test, beside free ports: its database lives as long as the test. */
export const settings = { sqlite: { file: ":memory:" } }

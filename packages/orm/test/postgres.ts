/** The PostgreSQL of these tests. */
import { postgresAvailable } from "../src/testing.ts"

export { postgresDatabase as database, postgresSession as connect } from "../src/testing.ts"

/** Whether there is one. Where `CI` is `true` it has to be. */
export const available: boolean = await postgresAvailable()

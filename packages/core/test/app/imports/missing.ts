/** A module of an app that names a file which is not there. */
import * as Imports from "../../../src/app/Imports.ts"

Imports.prepare()
// @ts-expect-error there is no such file
await import("./nowhere.ts")

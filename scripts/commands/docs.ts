/** `npm run docs`: compiles and runs every code block of the documentation. */
import { runStep } from "../Step.ts"
import { vitest } from "../vitest.ts"

const { failed } = await runStep({ name: "docs", run: () => vitest(["test/docs"]) })
process.exitCode = failed === 0 ? 0 : 1

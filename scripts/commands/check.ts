/** `npm run check [-- --fix]`: type-checks and lints the workspace. */
import { check } from "../checks.ts"

const { passed, failed } = await check({ fix: process.argv.includes("--fix") })
console.log(failed === 0 ? `all ${passed} checks passed` : `${failed} of ${passed + failed} checks failed`)
process.exitCode = failed === 0 ? 0 : 1

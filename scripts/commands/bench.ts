/** `npm run bench -- AREA [--case TEXT] [--quick] [--json]`: measures; bench/README.md says what. */
import { handOver } from "../handOver.ts"
import { root } from "../workspace.ts"

process.chdir(root)
await handOver("bench/run.ts")

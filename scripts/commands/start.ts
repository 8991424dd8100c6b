/** `npm start`: creates the chat app as a stranger would and runs it; `npm start -- --check` does it unattended. */
import { handOver } from "../handOver.ts"
import { root } from "../workspace.ts"

process.chdir(root)
await handOver("scripts/demo.ts")

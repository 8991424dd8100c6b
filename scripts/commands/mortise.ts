/** `npm run mortise -- ARGUMENTS`: the `mortise` command of packages/create-app, from source. */
import { handOver } from "../handOver.ts"

// npm runs scripts in the root of the workspace; paths in the arguments are meant from where the user stands
if (process.env.INIT_CWD !== undefined) process.chdir(process.env.INIT_CWD)
await handOver("packages/create-app/src/bin/mortise.ts")

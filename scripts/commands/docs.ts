/**
 * `npm run docs`: compiles and runs every code block of the documentation, and builds the site. `-- --site` only builds it,
 * `-- --serve [--port N]` builds it and serves it on loopback.
 */
import path from "node:path"
import { build, SiteBroken } from "../../site/src/build.ts"
import { serve } from "../../site/src/serve.ts"
import { type DocsArguments, docsArguments, WrongArguments } from "../docsArguments.ts"
import { type Outcome, runStep } from "../Step.ts"
import { vitest } from "../vitest.ts"
import { root } from "../workspace.ts"

let site: string | undefined

const buildSite = async (): Promise<Outcome> => {
  try {
    const { folder, pages, warnings } = await build()
    site = folder
    for (const warning of warnings) console.log(`! ${warning}`)
    console.log(`${pages} pages in ${path.relative(root, folder)}, the first is ${path.join(folder, "index.html")}`)
    return { passed: 1, failed: 0 }
  } catch (error) {
    if (error instanceof SiteBroken) return { passed: 0, failed: 1, output: error.message }
    throw error
  }
}

const main = async ({ port, serve: serves, tests }: DocsArguments): Promise<number> => {
  const built = await runStep({ name: "site", run: buildSite })
  // the tests of the site look at what was built just now
  if (site !== undefined) process.env.MORTISE_SITE_BUILT = "1"
  const tested = tests ? await runStep({ name: "docs", run: () => vitest(["test/docs"]) }) : { passed: 0, failed: 0 }
  if (built.failed + tested.failed > 0) return 1
  if (!serves || site === undefined) return 0
  const { server, url } = await serve(site, port)
  console.log(`the documentation is at ${url} (Ctrl+C stops it)`)
  const stop = (): void => {
    server.close()
    server.closeAllConnections()
  }
  process.once("SIGINT", stop).once("SIGTERM", stop)
  await new Promise((resolve) => server.once("close", resolve))
  return 0
}

try {
  process.exitCode = await main(docsArguments(process.argv.slice(2)))
} catch (error) {
  const taken =
    (error as NodeJS.ErrnoException).code === "EADDRINUSE" || (error as NodeJS.ErrnoException).code === "EACCES"
  if (!(error instanceof WrongArguments) && !taken) throw error
  console.error(`mortise: ${(error as Error).message}`)
  process.exitCode = error instanceof WrongArguments ? 2 : 1
}

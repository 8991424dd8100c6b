/** Area `client-size`: bytes that a browser loads for a typed client, Effect included. */
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { rolldown } from "rolldown"
import { matches, type Options, type Row } from "../report/Row.ts"

const CASE = "client-size/websocket"

/** The size of the bundle, as is and gzipped, in bytes. */
const bundle = async (): Promise<{ readonly minified: number; readonly gzipped: number }> => {
  const build = await rolldown({
    input: fileURLToPath(new URL("./client.ts", import.meta.url)),
    platform: "browser",
    treeshake: true
  })
  const { output } = await build.generate({ format: "esm", minify: true, codeSplitting: false })
  await build.close()
  const code = output.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("")
  return { minified: Buffer.byteLength(code), gzipped: gzipSync(code, { level: 9 }).length }
}

export const run = async (options: Options): Promise<ReadonlyArray<Row>> => {
  if (!matches(CASE, options)) return []
  const sizes = await bundle()
  return Object.entries(sizes).map(([subject, value]) => ({
    case: CASE,
    subject,
    metric: "size",
    unit: "bytes",
    value,
    ratioTo: null,
    ratio: null,
    runs: 1
  }))
}

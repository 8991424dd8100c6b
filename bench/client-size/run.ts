/** Area `client-size`: bytes that a browser loads for a typed client, Effect included. */
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { type OutputChunk, rolldown } from "rolldown"
import { matches, type Options, type Row } from "../report/Row.ts"

const CASE = "client-size/websocket-json"

/** The entry and the chunks that it cannot do without; what is loaded on demand is left out. */
const loadedAtOnce = (chunks: ReadonlyArray<OutputChunk>): ReadonlyArray<OutputChunk> => {
  const wanted = new Set(chunks.filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName))
  for (const fileName of wanted) {
    for (const imported of chunks.find((chunk) => chunk.fileName === fileName)?.imports ?? []) wanted.add(imported)
  }
  return chunks.filter((chunk) => wanted.has(chunk.fileName))
}

/** The size of the bundle, as is and gzipped, in bytes. */
const bundle = async (): Promise<{ readonly minified: number; readonly gzipped: number }> => {
  const build = await rolldown({
    input: fileURLToPath(new URL("./client.ts", import.meta.url)),
    platform: "browser",
    treeshake: true
  })
  const { output } = await build.generate({ format: "esm", minify: true })
  await build.close()
  const sizes = { minified: 0, gzipped: 0 }
  for (const { code } of loadedAtOnce(output.filter((chunk) => chunk.type === "chunk"))) {
    sizes.minified += Buffer.byteLength(code)
    sizes.gzipped += gzipSync(code, { level: 9 }).length
  }
  return sizes
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

import fs from "node:fs"
import path from "node:path"
import { rolldown } from "rolldown"

/** What the template's `npm start` builds and runs, a few files instead of hundreds of modules, below `folder`; gives the entry. */
export const bundle = async (template: string, folder: string): Promise<string> => {
  const build = await rolldown({ input: path.join(template, "src/main.ts"), platform: "node" })
  const dir = path.join(folder, "bundled")
  await build.write({ dir, format: "esm", entryFileNames: "main.mjs", chunkFileNames: "[name].mjs" })
  await build.close()
  // the page is found beside the folder of the code
  fs.symlinkSync(path.join(template, "public"), path.join(folder, "public"))
  return path.join(dir, "main.mjs")
}

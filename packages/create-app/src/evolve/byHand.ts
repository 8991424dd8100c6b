import { sections } from "../edit/configFile.ts"
import { styleOf } from "../edit/Style.ts"
import type { KnownPlugin } from "../plugin/KnownPlugin.ts"
import { appFile, configFile } from "./App.ts"

const style = styleOf("")
const indented = (lines: ReadonlyArray<string>): string => lines.map((line) => `  ${line}`).join("\n")

/** The code to write where an edit found no place, for all of these plugins. */
export const byHand = (plugins: ReadonlyArray<KnownPlugin>): string => {
  const imports = plugins.map(({ factory, from }) => `import { ${factory} } from "${from}"`)
  const calls = plugins.map(({ factory }) => `${factory}()`).join(", ")
  const config = plugins.flatMap((plugin) => [...sections(plugin.config ?? [], style, "  ").values()])
  const packages = [...new Set(plugins.map((plugin) => plugin.package))]
  return [
    `in ${appFile}:`,
    indented([...imports, `Plugin.compose(…, ${calls})`]),
    ...(config.length === 0
      ? []
      : [`in the object of ${configFile}:`, indented(config.map((section) => `${section},`))]),
    "in a terminal:",
    indented([`npm install ${packages.join(" ")}`])
  ].join("\n")
}

/** The configuration of VitePress. `npm run docs` stages the pages first; alone this builds nothing. */
import { readFileSync } from "node:fs"
import { type DefaultTheme, defineConfig } from "vitepress"
import { markdown } from "../src/markdown.ts"
import { nav, sidebar } from "../src/navigation.ts"
import { output, referenceFile, staged, work } from "../src/places.ts"

const reference = JSON.parse(readFileSync(referenceFile, "utf8")) as DefaultTheme.SidebarMulti

export default defineConfig({
  title: "Mortise",
  titleTemplate: ":title | Mortise",
  description: "A TypeScript framework, on Effect 4, for programs that talk",
  lang: "en",
  head: [["link", { rel: "icon", type: "image/svg+xml", href: "/mortise.svg" }]],
  srcDir: staged,
  outDir: output,
  cacheDir: `${work}/cache`,
  // links are checked before and after, with the places they stand at
  ignoreDeadLinks: true,
  markdown,
  transformPageData: (page) => {
    const first = /^(?!#|```|\||---|import )\S.*$/m.exec(page.description || "")
    return first === null ? {} : { description: first[0] }
  },
  vite: {
    // the index of the search is one file, and only loaded when somebody searches
    build: { chunkSizeWarningLimit: 4000 }
  },
  themeConfig: {
    logo: "/mortise.svg",
    nav,
    sidebar: sidebar(reference),
    outline: [2, 3],
    search: {
      provider: "local",
      options: {
        miniSearch: {
          searchOptions: {
            fuzzy: 0.1,
            prefix: true,
            boost: { title: 6, titles: 2, text: 1 },
            // who searches for a word wants the guide first, then the declaration, then why it is so
            boostDocument: (id: string) => (id.startsWith("/decisions/") ? 0.5 : id.startsWith("/api/") ? 0.7 : 1.4)
          }
        }
      }
    },
    footer: { message: "MIT licensed" }
  }
})

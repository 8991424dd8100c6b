/** Folders of the site. All that is made is ignored by git. */
import path from "node:path"
import { root } from "../../scripts/workspace.ts"

/** The package of the site. */
export const site: string = path.join(root, "site")

/** What is made on the way: the pages as VitePress reads them, declarations, its cache. */
export const work: string = path.join(root, ".toolchain", "site")

/** Markdown as VitePress reads it. */
export const staged: string = path.join(work, "pages")

/** Names that signatures of the reference are linked by. */
export const namesFile: string = path.join(work, "names.json")

/** What the sidebar shows of the reference. */
export const referenceFile: string = path.join(work, "reference.json")

/** The built site. */
export const output: string = path.join(site, "dist")

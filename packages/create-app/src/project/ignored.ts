/** Folders of an app that hold no code of its own: products, packages, and what is hidden. */
export const isIgnored = (name: string): boolean =>
  ["node_modules", "dist", "coverage"].includes(name) || name.startsWith(".")

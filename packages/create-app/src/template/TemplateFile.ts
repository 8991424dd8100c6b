/** One file of a template: its path with `/` between segments, relative to the template's root. */
export interface TemplateFile {
  readonly path: string
  /** Text, or bytes when the file is not valid UTF-8. */
  readonly content: string | Uint8Array
  readonly executable: boolean
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Text when the bytes are UTF-8 without a NUL, else the bytes themselves. */
export const contentOf = (bytes: Uint8Array): string | Uint8Array => {
  if (bytes.includes(0)) return bytes
  try {
    return decoder.decode(bytes)
  } catch {
    return bytes
  }
}

/** What no app gets, whatever a manifest says: products, secrets, and what is about the template itself. */
const never =
  /(^|\/)(node_modules|dist|coverage|\.mortise|\.git)(\/|$)|^template\.ts$|^CHANGELOG\.md$|\.tsbuildinfo$|(^|\/)\.env$|(^|\/)(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?)$/

/** Whether a path is named by a pattern: the file itself, or a folder with a trailing slash. */
export const matches = (pattern: string, path: string): boolean =>
  pattern.endsWith("/") ? path.startsWith(pattern) : path === pattern

export const isCopied = (path: string, omit: ReadonlyArray<string>): boolean =>
  !never.test(path) && !omit.some((pattern) => matches(pattern, path))

/** npm leaves these names out of a tarball or changes them, so a packed template carries them with `_` for the dot. */
const hidden = /(^|\/)\.(git[a-z]*|npm[a-z]*)$/

/** The name under which a file is stored in the package. */
export const storedPath = (path: string): string => (hidden.test(path) ? path.replace(/\.([a-z]+)$/, "_$1") : path)

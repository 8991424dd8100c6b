import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { basename } from "node:path"
import { gunzipSync } from "node:zlib"

/** What a registry says about one version of a package. */
export interface Version {
  readonly name: string
  readonly version: string
  /** The `package.json` inside the tarball. */
  readonly manifest: Readonly<Record<string, unknown>>
  /** Name of the tarball. */
  readonly file: string
  readonly bytes: Buffer
  /** Subresource integrity: `sha512-…`. */
  readonly integrity: string
  /** SHA-1 in hex, which old clients ask for. */
  readonly shasum: string
}

const blockBytes = 512

/** The text of one file of a tar archive (POSIX ustar: a header of 512 bytes, then the file, padded to 512). */
const readEntry = (archive: Buffer, path: string): string | undefined => {
  for (let at = 0; at + blockBytes <= archive.length; ) {
    const field = (from: number, length: number): string =>
      archive.toString("utf8", at + from, at + from + length).replace(/\0.*$/s, "")
    const name = field(0, 100)
    if (name === "") return undefined
    const size = Number.parseInt(field(124, 12).trim(), 8)
    if (name === path) return archive.toString("utf8", at + blockBytes, at + blockBytes + size)
    at += blockBytes + Math.ceil(size / blockBytes) * blockBytes
  }
  return undefined
}

/** Reads what a registry has to know about a packed package. */
export const readVersion = (file: string): Version => {
  const bytes = readFileSync(file)
  const text = readEntry(gunzipSync(bytes), "package/package.json")
  if (text === undefined) throw new Error(`${file} has no package/package.json`)
  const manifest = JSON.parse(text) as { readonly name: string; readonly version: string }
  return {
    name: manifest.name,
    version: manifest.version,
    manifest: { ...manifest },
    file: basename(file),
    bytes,
    integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`,
    shasum: createHash("sha1").update(bytes).digest("hex")
  }
}

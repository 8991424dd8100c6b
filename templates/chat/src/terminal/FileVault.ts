import { createHash } from "node:crypto"
import { chmod, mkdir, open, readFile, rename, stat } from "node:fs/promises"
import { homedir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { type Vault, VaultError } from "../sealed/Vault.ts"

const others = 0o077

const attempt = <A>(what: string, run: () => Promise<A>): Effect.Effect<A, VaultError> =>
  Effect.tryPromise({
    try: run,
    catch: (error) => new VaultError({ message: `${what}: ${(error as Error).message}` })
  })

const read = async (file: string): Promise<string | undefined> => {
  try {
    const { mode } = await stat(file)
    if ((mode & others) !== 0) throw new Error(`others may read ${file}; look into that, then chmod 600`)
    return await readFile(file, "utf8")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined
    throw error
  }
}

/** The new text is on the disk before it takes the place of the old one. */
const write = async (directory: string, file: string, text: string): Promise<void> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const made = `${file}.${process.pid}`
  const handle = await open(made, "w", 0o600)
  try {
    // a file that was left behind keeps its mode otherwise
    await chmod(made, 0o600)
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(made, file)
}

/**
 * One file with mode 0600 for each name at each server, in the user's folder for state. Two programs never write one at
 * once: only the one that the server has given the name to does.
 */
export const fileVault = (
  server: string,
  directory = join(process.env.XDG_STATE_HOME || join(homedir(), ".local", "state"), "mortise-app")
): Vault => {
  const fileOf = (name: string) =>
    join(directory, `${createHash("sha256").update(`${server}\n${name}`).digest("hex").slice(0, 32)}.keys.json`)
  return {
    load: (name) => attempt("Your keys cannot be read", () => read(fileOf(name))),
    save: (name, text) => attempt("Your keys cannot be kept", () => write(directory, fileOf(name), text))
  }
}

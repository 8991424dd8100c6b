/// <reference lib="dom" />
import * as Effect from "effect/Effect"
import { type Vault, VaultError } from "../sealed/Vault.ts"

const store = "keys"

const ask = <A>(request: IDBRequest<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

const open = (): Promise<IDBDatabase> => {
  const request = indexedDB.open("mortise-app", 1)
  request.onupgradeneeded = () => request.result.createObjectStore(store)
  return ask(request)
}

const attempt = <A>(what: string, run: () => Promise<A>): Effect.Effect<A, VaultError> =>
  Effect.tryPromise({
    try: run,
    catch: (error) => new VaultError({ message: `${what}: ${error instanceof Error ? error.message : error}` })
  })

/**
 * The browser's database, so that a reload does not make somebody else of you. Pages of this origin can read it, and whoever
 * has the device unlocked. Two tabs never write one name's keys at once: the server gives a name to one of them.
 */
export const browserVault = (): Vault => {
  let database: Promise<IDBDatabase> | undefined
  const within = async <A>(mode: IDBTransactionMode, use: (keys: IDBObjectStore) => IDBRequest<A>): Promise<A> => {
    database ??= open()
    const transaction = (await database).transaction(store, mode, { durability: "strict" })
    const result = await ask(use(transaction.objectStore(store)))
    if (mode === "readonly") return result
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve
      transaction.onabort = () => reject(transaction.error)
    })
    return result
  }
  return {
    load: (name) => attempt("Your keys cannot be read", () => within("readonly", (keys) => keys.get(name))),
    save: (name, text) =>
      Effect.asVoid(attempt("Your keys cannot be kept", () => within("readwrite", (keys) => keys.put(text, name))))
  }
}

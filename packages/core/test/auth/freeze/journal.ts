/**
 * Throw-away stores of another nature than a map or a database: an append-only file. What is kept is what its lines come
 * to, a line is written before its effect is seen, and a transaction is one line. See docs/decisions/0051.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Semaphore from "effect/Semaphore"
import * as AccountStore from "../../../src/auth/AccountStore.ts"
import * as ApiTokenStore from "../../../src/auth/ApiTokenStore.ts"
import { AuthUnavailable } from "../../../src/auth/AuthError.ts"
import * as SessionStore from "../../../src/auth/SessionStore.ts"

type Table = "accounts" | "sessions" | "tokens"
type Line = readonly [table: Table, key: string, row: unknown]

/** The rows of one file. Every look reads what others have written since. */
class Journal {
  readonly file: string
  readonly rows = {
    accounts: new Map<string, AccountStore.AccountRow>(),
    sessions: new Map<string, SessionStore.SessionRow>(),
    tokens: new Map<string, ApiTokenStore.ApiTokenRow>()
  }
  broken = false
  readonly alone = Semaphore.makeUnsafe(1)
  private seen = 0
  private open: Array<Line> | undefined

  constructor(file: string) {
    this.file = file
  }

  read(): this["rows"] {
    if (this.broken) throw new Error("the file is gone")
    // lines of a transaction that is open here are in the rows already
    if (this.open !== undefined || !existsSync(this.file)) return this.rows
    const lines = readFileSync(this.file, "utf8").split("\n").slice(0, -1)
    for (const line of lines.slice(this.seen))
      for (const one of JSON.parse(line) as ReadonlyArray<Line>) this.apply(one)
    this.seen = lines.length
    return this.rows
  }

  write(...lines: ReadonlyArray<Line>): void {
    this.read()
    for (const line of lines) this.apply(line)
    if (this.open !== undefined) this.open.push(...lines)
    else {
      appendFileSync(this.file, `${JSON.stringify(lines)}\n`)
      this.seen++
    }
  }

  transaction<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return this.alone.withPermits(1)(
      Effect.acquireUseRelease(
        Effect.sync(() => {
          this.read()
          this.open = []
        }),
        () => effect,
        (_, exit) =>
          Effect.sync(() => {
            const lines = this.open ?? []
            this.open = undefined
            for (const rows of Object.values(this.rows)) rows.clear()
            this.seen = 0
            if (Exit.isSuccess(exit) && lines.length > 0) this.write(...lines)
            else this.read()
          })
      )
    )
  }

  private apply([table, key, row]: Line): void {
    const rows = this.rows[table] as Map<string, unknown>
    if (row === null) rows.delete(key)
    else rows.set(key, row)
  }
}

export const storesOf = (file: string) => {
  const journal = new Journal(file)
  const attempt = <A>(operation: string, f: () => A): Effect.Effect<A, AuthUnavailable> =>
    Effect.try({ try: f, catch: (cause) => new AuthUnavailable({ operation, message: String(cause), cause }) })
  const removed = (test: (row: SessionStore.SessionRow) => boolean) =>
    attempt("remove", () => {
      const gone = [...journal.read().sessions.values()].filter(test)
      if (gone.length > 0) journal.write(...gone.map(({ tokenHash }): Line => ["sessions", tokenHash, null]))
      return gone.map(({ id }) => id)
    })
  const byAge = <A extends { readonly createdAt: number }>(rows: Iterable<A>) =>
    [...rows].toSorted((a, b) => b.createdAt - a.createdAt)

  const sessions = SessionStore.SessionStore.of({
    insert: ({ row }) => attempt("insert", () => journal.write(["sessions", row.tokenHash, row])),
    find: (tokenHash) => attempt("find", () => journal.read().sessions.get(tokenHash)),
    touch: (id, lastSeenAt) =>
      attempt("touch", () => {
        for (const row of journal.read().sessions.values())
          if (row.id === id) journal.write(["sessions", row.tokenHash, { ...row, lastSeenAt }])
      }),
    list: (account) =>
      attempt("list", () => byAge(journal.read().sessions.values()).filter((row) => row.account === account)),
    remove: (account, ids) => removed((row) => row.account === account && ids.includes(row.id)),
    removeAll: (account, except) => removed((row) => row.account === account && row.id !== except),
    sweep: (now, idleSince) =>
      Effect.map(
        removed((row) => row.expiresAt <= now || row.lastSeenAt < idleSince),
        (ids) => ids.length
      )
  })
  const tokens = ApiTokenStore.ApiTokenStore.of({
    insert: (row) => attempt("insert", () => journal.write(["tokens", row.tokenHash, row])),
    find: (tokenHash) => attempt("find", () => journal.read().tokens.get(tokenHash)),
    list: (owner) => attempt("list", () => byAge(journal.read().tokens.values()).filter((row) => row.owner === owner)),
    remove: (owner, id) =>
      attempt("remove", () => {
        const row = [...journal.read().tokens.values()].find((one) => one.owner === owner && one.id === id)
        if (row !== undefined) journal.write(["tokens", row.tokenHash, null])
        return row !== undefined
      })
  })
  const accounts = AccountStore.AccountStore.of({
    insert: (row) =>
      Effect.flatMap(
        attempt("insert", () => [...journal.read().accounts.values()].some(({ nameKey }) => nameKey === row.nameKey)),
        (taken): Effect.Effect<void, AccountStore.NameTaken | AuthUnavailable> =>
          taken
            ? Effect.fail(AccountStore.nameTaken(row.name))
            : attempt("insert", () => journal.write(["accounts", row.id, row]))
      ),
    byKey: (key) =>
      attempt("byKey", () => [...journal.read().accounts.values()].find(({ nameKey }) => nameKey === key)),
    byId: (id) => attempt("byId", () => journal.read().accounts.get(id)),
    setPassword: (id, from, to) =>
      attempt("setPassword", () => {
        const row = journal.read().accounts.get(id)
        if (row?.passwordHash !== from) return false
        journal.write(["accounts", id, { ...row, passwordHash: to }])
        return true
      }),
    atomically: <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.suspend(
        (): Effect.Effect<A, E | AuthUnavailable, R> =>
          journal.broken
            ? Effect.fail(new AuthUnavailable({ operation: "atomically", message: "the file is gone" }))
            : journal.transaction(effect)
      )
  })
  return {
    journal,
    context: Context.make(AccountStore.AccountStore, accounts).pipe(
      Context.add(SessionStore.SessionStore, sessions),
      Context.add(ApiTokenStore.ApiTokenStore, tokens)
    )
  }
}

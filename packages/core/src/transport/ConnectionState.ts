/** The life of a connection, as a type: connecting → open → authenticated → draining → closed. */

/** What may follow each state. */
export interface Next {
  readonly connecting: "open" | "closed"
  readonly open: "authenticated" | "draining" | "closed"
  readonly authenticated: "open" | "draining" | "closed"
  readonly draining: "closed"
  readonly closed: never
}
export type ConnectionState = keyof Next

/** One step of one connection. */
export interface StateChange {
  readonly connection: string
  readonly from: ConnectionState
  readonly to: ConnectionState
}

/** A state that only moves along {@link Next}: an illegal step does not compile. */
export interface Machine<S extends ConnectionState> {
  readonly state: S
  readonly to: <T extends Next[S]>(next: T) => Machine<T>
}

/** A connection's machine, beginning at `connecting`; `changed` hears of every step. */
export const make = (connection: string, changed: (change: StateChange) => void): Machine<"connecting"> => {
  const at = <S extends ConnectionState>(state: S): Machine<S> => ({
    state,
    to: (next) => {
      changed({ connection, from: state, to: next })
      return at(next)
    }
  })
  return at("connecting")
}

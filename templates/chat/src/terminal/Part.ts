/**
 * Parts of the terminal client: each file of `src/terminal/parts/` exports one as `part`. It brings the contracts that it
 * speaks, which share the chat's connection, and commands.
 */
import { globSync } from "node:fs"
import type * as Client from "@mortise/core/client/Client"
import type * as Contract from "@mortise/core/transport/Contract"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Chat } from "../contract.ts"

/** What a part may use of the terminal. */
export interface Terminal {
  /** Where the server is: a path, or a host and a port. */
  readonly server: string
  readonly print: (line: string) => void
  readonly notice: (text: string) => void
  /** Asks for a line that is not shown while it is typed; it is empty when there is none any more. */
  readonly secret: (question: string) => Effect.Effect<string>
  /** Takes this name and enters the room again. */
  readonly rename: (name: string) => Effect.Effect<void, Failure>
  /** Name and room, once the server has agreed to them. */
  readonly me: () => { readonly name: string; readonly room: string } | undefined
  /** Whispers go through this from now on; either may give undefined: it was not sealed. */
  readonly sealWith: (sealing: Sealing) => void
}

/** Whatever a command can fail with: it is told to whoever typed it. */
export interface Failure {
  readonly _tag: string
  readonly message: string
}

export interface Sealing {
  readonly seal: (to: string, text: string) => Effect.Effect<Uint8Array | undefined, Failure>
  /** A text that is undefined is not for people. */
  readonly open: (
    from: string,
    bytes: Uint8Array
  ) => Effect.Effect<{ readonly text: string | undefined } | undefined, Failure>
}

export interface TerminalCommand {
  readonly name: string
  /** How it is written: `/remind MINUTES TEXT`. */
  readonly help: string
  readonly run: (rest: string) => Effect.Effect<void, Failure>
}

type Contracts = { readonly [name: string]: Contract.Any }
type WithChat<C> = Client.Clients<C & { readonly chat: typeof Chat }>

/** A part after its types were checked. */
export interface Part {
  readonly contracts: Contracts
  readonly start: (
    terminal: Terminal,
    clients: never
  ) => Effect.Effect<ReadonlyArray<TerminalCommand>, Failure, Scope.Scope>
}

/** Declares a part; `start` runs before the first room is entered. */
export const make = <
  const C extends { readonly [name: string]: { readonly name: string; readonly spec: Contract.Spec } }
>(part: {
  readonly contracts: C
  readonly start: (
    terminal: Terminal,
    clients: WithChat<C>
  ) => Effect.Effect<ReadonlyArray<TerminalCommand>, Failure, Scope.Scope>
}): Part => part as unknown as Part

/** All parts that this app has. */
export const load: Effect.Effect<ReadonlyArray<Part>> = Effect.promise(() =>
  Promise.all(
    globSync("parts/*.ts", { cwd: import.meta.dirname })
      .sort()
      .map(async (file) => ((await import(`./${file}`)) as { readonly part: Part }).part)
  )
)

/** The contracts of the chat and of all parts. */
export const contractsOf = (parts: ReadonlyArray<Part>): Contracts & { readonly chat: typeof Chat } =>
  Object.assign({ chat: Chat }, ...parts.map(({ contracts }) => contracts))

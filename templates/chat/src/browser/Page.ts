/// <reference lib="dom" />
/** What `public/chat.js` gives to the parts of the page; its last lines make one of these. */
export interface Page {
  readonly server: {
    /** Fails with an error that has `tag` (one that the contract declares) or `code` (a fault of the server). */
    readonly request: (name: string, payload?: unknown) => Promise<unknown>
    readonly signal: (name: string, payload?: unknown) => void
    /** Gives the number of those who got the bytes. */
    readonly relay: (name: string, to: string, bytes: Uint8Array) => Promise<number>
  }
  /** A line in the conversation that nobody said. */
  readonly notice: (text: string) => void
  readonly explain: (error: unknown) => string
  /** A moment as the page shows it everywhere: `14:05`, with its date when that is not today. */
  readonly timeOf: (at: Date) => string
  /** Name and room, once the server has agreed to them. */
  readonly me: () => { readonly name: string; readonly room: string } | undefined
  /** Fills the name in on the first screen. */
  readonly setName: (name: string) => void
  /** Called after each handshake; a new connection knows nothing of what was said on the old one. */
  readonly onOpen: (tell: () => void | Promise<void>) => void
  readonly onEvent: (name: string, tell: (payload: unknown) => void) => void
  readonly command: (name: string, help: string, run: (rest: string) => void | Promise<void>) => void
  readonly sealWith: (sealing: {
    /** Undefined: it goes as it is. */
    readonly seal: (name: string, text: string) => Promise<Uint8Array | undefined>
    /** Undefined: it was not sealed. A text that is undefined is not for people. */
    readonly open: (name: string, bytes: Uint8Array) => Promise<{ readonly text: string | undefined } | undefined>
  }) => void
  /** Puts an element on the first screen, above the form. */
  readonly welcome: (element: HTMLElement) => void
}

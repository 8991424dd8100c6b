/** Does something `count` times, one after another. */
export type Loop = (count: number) => void | Promise<void>

/** One thing that several subjects do. */
export interface CryptoCase {
  readonly name: string
  /** The subject that the others are compared with. */
  readonly ratioTo: string
  readonly subjects: { readonly [subject: string]: Loop }
}

/** What is echoed: six fields, of which the last fills the object up to a size. */
export interface Payload {
  readonly id: number
  readonly t: string
  readonly u: string
  readonly r: string
  readonly s: number
  readonly b: string
}

/** A payload of `bytes` bytes as JSON. */
export const payload = (bytes: number): Payload => {
  const empty: Payload = { id: 123456, t: "chat", u: "alice", r: "lobby", s: 7, b: "" }
  return { ...empty, b: "x".repeat(Math.max(0, bytes - JSON.stringify(empty).length)) }
}

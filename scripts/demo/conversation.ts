import { isDeepStrictEqual } from "node:util"
import { type Peer, patience } from "./Peer.ts"
import { poll } from "./poll.ts"

/** Messages that each peer says. */
const each = 3

/**
 * Everyone says something at the same time, in turns; then all must have seen all messages, their own too, each once and
 * everyone in the same order, in which those of one peer keep theirs. Gives the number of messages; fails with what was
 * missing or different after so many milliseconds.
 */
export const converse = async (topic: string, peers: ReadonlyArray<Peer>, millis = patience): Promise<number> => {
  const texts = (peer: Peer): ReadonlyArray<string> =>
    Array.from({ length: each }, (_, index) => `${peer.name} on ${topic}, ${index + 1} of ${each}: ü 🙂`)
  const seenBy = async (peer: Peer): Promise<ReadonlyArray<string>> =>
    (await peer.seen()).filter((text) => text.includes(` on ${topic}, `))
  await Promise.all(
    peers.map(async (peer) => {
      for (const text of texts(peer)) await peer.say(text)
    })
  )
  const all = peers.flatMap(texts)
  for (const peer of peers) {
    const missing = async (): Promise<ReadonlyArray<string>> => {
      const seen = await seenBy(peer)
      return all.filter((text) => !seen.includes(text))
    }
    await poll(`${peer.title} sees all ${all.length} messages`, millis, async () => (await missing()).length === 0)
  }
  const [first, ...others] = peers
  const order = first === undefined ? [] : await seenBy(first)
  if (order.length !== all.length)
    throw new Error(`${first?.title} saw ${order.length} messages, ${all.length} were said`)
  for (const peer of others) {
    const seen = await seenBy(peer)
    if (!isDeepStrictEqual(seen, order)) {
      throw new Error(
        `${peer.title} saw another order than ${first?.title}:\n${seen.join("\n")}\n---\n${order.join("\n")}`
      )
    }
  }
  for (const peer of peers) {
    const own = order.filter((text) => text.startsWith(`${peer.name} on`))
    if (!isDeepStrictEqual(own, texts(peer))) throw new Error(`the messages of ${peer.title} changed their order`)
  }
  return all.length
}

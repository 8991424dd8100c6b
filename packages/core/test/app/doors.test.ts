import { assert, describe, it } from "@effect/vitest"
import { orderOfDoors } from "../../src/app/internal/doors.ts"

interface Has {
  readonly provides?: ReadonlyArray<string>
  readonly requires?: ReadonlyArray<string>
  readonly contributes?: ReadonlyArray<string>
  readonly hosts?: ReadonlyArray<string>
}
const door = (name: string, has: Has) => ({
  name,
  provides: (has.provides ?? []).map((key) => ({ key })),
  requires: (has.requires ?? []).map((key) => ({ key })),
  contributes: (has.contributes ?? []).map((point) => ({ point })),
  hosts: (has.hosts ?? []).map((point) => ({ point }))
})
const http = door("http", { provides: ["HttpHost"], hosts: ["routes"] })
const gateway = door("gateway", { provides: ["Rooms"], hosts: ["listeners"] })
const websocket = door("websocket", { requires: ["HttpHost"], contributes: ["listeners"] })
const chat = door("chat", { requires: ["Rooms"] })
const health = door("health", { requires: ["HttpHost"], contributes: ["routes"] })

const permutations = <A>(items: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> =>
  items.length < 2
    ? [items]
    : items.flatMap((first, i) => permutations(items.toSpliced(i, 1)).map((rest) => [first, ...rest]))
const names = (doors: ReadonlyArray<{ readonly name: string }>) => doors.map(({ name }) => name)
const isBefore = (order: ReadonlyArray<string>, a: string, b: string) =>
  assert.isBelow(order.indexOf(a), order.indexOf(b), `${a} before ${b} in ${order.join(", ")}`)

describe("the order of doors", () => {
  it("is that of dependents first, whatever the order of declaration", () => {
    for (const list of permutations([http, gateway, websocket, chat, health])) {
      const order = names(orderOfDoors(list))
      assert.strictEqual(new Set(order).size, 5)
      isBefore(order, "websocket", "http")
      isBefore(order, "health", "http")
      isBefore(order, "chat", "gateway")
    }
  })

  it("puts a host before what its items stand on, though it does not need that itself", () => {
    for (const list of permutations([http, gateway, websocket, chat, health])) {
      isBefore(names(orderOfDoors(list)), "gateway", "http")
    }
  })

  it("lets needs win over the wishes of items", () => {
    // the host of `pages` is needed by what an item of it needs
    const pages = door("pages", { provides: ["Pages"], hosts: ["pages"] })
    const store = door("store", { provides: ["Store"], requires: ["Pages"] })
    const shop = door("shop", { requires: ["Store"], contributes: ["pages"] })
    for (const list of permutations([pages, store, shop])) {
      assert.deepStrictEqual(names(orderOfDoors(list)), ["shop", "store", "pages"])
    }
  })
})

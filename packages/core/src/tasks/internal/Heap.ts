/** A binary heap: the least element, by `before`, is the first out. */
export class Heap<A> {
  private readonly items: Array<A> = []
  private readonly before: (a: A, b: A) => boolean

  constructor(before: (a: A, b: A) => boolean) {
    this.before = before
  }

  peek(): A | undefined {
    return this.items[0]
  }

  push(item: A): void {
    const { items } = this
    let at = items.push(item) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.before(item, items[parent] as A)) break
      items[at] = items[parent] as A
      at = parent
    }
    items[at] = item
  }

  pop(): A | undefined {
    const { items } = this
    const top = items[0]
    const last = items.pop()
    if (last === undefined || items.length === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      if (child + 1 < items.length && this.before(items[child + 1] as A, items[child] as A)) child++
      if (!this.before(items[child] as A, last)) break
      items[at] = items[child] as A
      at = child
    }
    items[at] = last
    return top
  }
}

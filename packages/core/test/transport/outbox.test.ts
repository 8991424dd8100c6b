import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import type { TurnShape } from "../../src/app/Turn.ts"
import { mulberry32 } from "../../src/testing/transport-kit/Stage.ts"
import {
  limitsOf,
  limitsProblem,
  Outbox,
  type OutboxLimits,
  OutboxPool,
  type Sink
} from "../../src/transport/Outbox.ts"

/** A turn that ends when the test says so. */
class TestTurn implements TurnShape {
  private tasks: Array<() => void> = []
  readonly now = () => 0
  readonly arm = () => () => {}
  readonly schedule = (task: () => void) => void this.tasks.push(task)

  get scheduled(): number {
    return this.tasks.length
  }

  end(): void {
    const tasks = this.tasks
    this.tasks = []
    for (const task of tasks) task()
  }
}

/** A socket whose kernel takes bytes when the test says so. Keeps views, as a kernel does: only `took` copies. */
class TestSink implements Sink {
  /** the kernel takes everything at once */
  open = true
  readonly writes: Array<number> = []
  readonly took: Array<number> = []
  private queue: Array<readonly [Uint8Array, () => void]> = []
  private corked = 0
  corks = 0
  private readonly callbacks: Array<() => void> = []

  readonly write = (chunk: Uint8Array, done: () => void) => {
    assert.ok(chunk.length > 0, "an empty write")
    this.writes.push(chunk.length)
    this.queue.push([chunk, done])
    if (this.open && this.corked === 0) this.take()
  }

  get writableLength(): number {
    return this.queue.reduce((sum, [chunk]) => sum + chunk.length, 0)
  }

  readonly cork = () => {
    this.corked++
    this.corks++
  }

  readonly uncork = () => {
    if (--this.corked === 0 && this.open) this.take()
  }

  /** The kernel takes up to `count` of what was written. */
  take(count = Number.POSITIVE_INFINITY): void {
    for (let i = 0; i < count && this.queue.length > 0; i++) {
      const [chunk, done] = this.queue.shift() as readonly [Uint8Array, () => void]
      for (const byte of chunk) this.took.push(byte)
      this.callbacks.push(done)
    }
  }

  /** node calls back in the next tick */
  tick(): void {
    for (const callback of this.callbacks.splice(0)) callback()
  }
}

const limits: OutboxLimits = { highWaterMark: 1000, maxPendingBytes: 5000 }

const setUp = (over: Partial<OutboxLimits> = {}, count = 1) => {
  const turn = new TestTurn()
  const pool = new OutboxPool(turn)
  const boxes = Array.from({ length: count }, () => {
    const sink = new TestSink()
    const drains: Array<number> = []
    const outbox: Outbox = new Outbox(pool, sink, { ...limits, ...over }, () => drains.push(outbox.pendingBytes))
    return { outbox, sink, drains }
  })
  return { turn, pool, boxes, ...(boxes[0] as (typeof boxes)[number]) }
}

const put = (outbox: Outbox, bytes: Uint8Array, room = bytes.length) =>
  outbox.write(room, (target, at) => {
    target.set(bytes, at)
    return bytes.length
  })

const fill = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)

describe("Outbox", () => {
  it("makes one write of everything that one turn sends", () => {
    const { turn, outbox, sink } = setUp()
    for (let i = 0; i < 10; i++) put(outbox, fill(20, i))
    outbox.append(fill(5, 99))
    assert.equal(sink.writes.length, 0)
    assert.equal(outbox.pendingBytes, 205)
    turn.end()
    assert.deepEqual(sink.writes, [205])
    assert.deepEqual(sink.took, [...Array.from({ length: 10 }, (_, i) => [...fill(20, i)]).flat(), ...fill(5, 99)])
    assert.equal(outbox.pendingBytes, 0)
  })

  it("schedules once for all connections of a turn", () => {
    const { turn, boxes } = setUp({}, 50)
    for (let round = 0; round < 3; round++) for (const { outbox } of boxes) put(outbox, fill(10, 1))
    assert.equal(turn.scheduled, 1)
    turn.end()
    assert.ok(boxes.every(({ sink }) => sink.took.length === 30))
    assert.equal(turn.scheduled, 0)
  })

  it("leaves the flush to whoever reads a chunk", () => {
    const { turn, outbox, sink } = setUp()
    outbox.reading = true
    put(outbox, fill(10, 1))
    assert.equal(turn.scheduled, 0)
    outbox.reading = false
    outbox.flush()
    assert.deepEqual(sink.writes, [10])
  })

  it("writes as much as was encoded, and nothing of what was taken back", () => {
    const { turn, outbox, sink } = setUp()
    put(outbox, fill(3, 1), 900)
    assert.equal(
      outbox.write(500, (target, at) => {
        target.fill(7, at, at + 500)
        return -1
      }),
      "refused"
    )
    put(outbox, fill(2, 2), 900)
    assert.equal(outbox.pendingBytes, 5)
    turn.end()
    assert.deepEqual(sink.took, [1, 1, 1, 2, 2])
  })

  it("answers sent, full and refused by its limits", () => {
    const { outbox } = setUp()
    assert.equal(put(outbox, fill(999, 1)), "sent")
    assert.equal(put(outbox, fill(1, 1)), "full")
    assert.equal(put(outbox, fill(4000, 1)), "full")
    assert.equal(put(outbox, fill(1, 1)), "refused")
    assert.equal(outbox.pendingBytes, 5000)
  })

  it("calls onDrain once after full, from the flush and not from the send", () => {
    const { turn, outbox, drains } = setUp()
    put(outbox, fill(1500, 1))
    put(outbox, fill(1500, 1))
    assert.deepEqual(drains, [])
    turn.end()
    assert.deepEqual(drains, [0])
    put(outbox, fill(10, 1))
    turn.end()
    assert.deepEqual(drains, [0])
  })

  it("answers sent where the kernel has taken a large send at once", () => {
    const { outbox, drains } = setUp({ highWaterMark: 40_000, maxPendingBytes: 1_000_000 })
    outbox.reading = true
    for (let i = 0; i < 3; i++) put(outbox, fill(10_000, 1))
    assert.equal(outbox.append(fill(20_000, 1)), "sent")
    outbox.reading = false
    outbox.flush()
    assert.deepEqual(drains, [])
  })

  it("calls onDrain for a full that was answered before a flush by size", () => {
    const { turn, outbox, drains } = setUp({ highWaterMark: 1000, maxPendingBytes: 1_000_000 })
    assert.equal(put(outbox, fill(1500, 1)), "full")
    assert.equal(outbox.append(fill(60_000, 1)), "sent")
    assert.deepEqual(drains, [], "not from within the send")
    turn.end()
    assert.deepEqual(drains, [0])
  })

  it("waits with onDrain until the kernel has taken enough", () => {
    const { turn, outbox, sink, drains } = setUp()
    sink.open = false
    put(outbox, fill(2000, 1))
    turn.end()
    assert.equal(outbox.pendingBytes, 2000)
    assert.deepEqual(drains, [])
    sink.take()
    sink.tick()
    assert.deepEqual(drains, [0])
    assert.equal(outbox.pendingBytes, 0)
  })

  it("keeps the backlog of a stalled peer in few large writes", () => {
    const { turn, outbox, sink } = setUp({ maxPendingBytes: 200_000, highWaterMark: 100_000 })
    sink.open = false
    put(outbox, fill(10, 255))
    turn.end()
    const expected = [...fill(10, 255)]
    for (let i = 0; i < 20_000; i++) {
      assert.notEqual(put(outbox, Uint8Array.of(i, i >> 8, 7), 40), "refused")
      expected.push(i & 255, (i >> 8) & 255, 7)
      if (i % 3 === 0) turn.end()
    }
    assert.equal(sink.writes.length, 1, "nothing is handed over while the kernel takes nothing")
    assert.equal(outbox.pendingBytes, 60_010)
    sink.open = true
    sink.take()
    sink.tick()
    sink.tick()
    assert.ok(sink.writes.length < 12, `${sink.writes.length} writes`)
    assert.deepEqual(sink.took, expected)
    assert.equal(outbox.pendingBytes, 0)
  })

  it("hands everything over before an end, though the kernel is stalled", () => {
    const { turn, outbox, sink } = setUp()
    sink.open = false
    put(outbox, fill(10, 1))
    turn.end()
    put(outbox, fill(10, 2))
    outbox.finish()
    assert.equal(sink.writableLength, 20)
    assert.equal(outbox.pendingBytes, 20)
  })

  it("refuses everything and writes nothing once disposed", () => {
    const { turn, outbox, sink, drains } = setUp()
    put(outbox, fill(2000, 1))
    outbox.dispose()
    assert.equal(put(outbox, fill(1, 1)), "refused")
    assert.equal(outbox.pendingBytes, 0)
    turn.end()
    outbox.finish()
    assert.deepEqual(sink.writes, [])
    assert.deepEqual(drains, [])
  })

  it("passes large frames on by reference and copies small ones", () => {
    const { turn, outbox, sink } = setUp({ maxPendingBytes: 100_000, highWaterMark: 100_000 })
    const small = fill(100, 1)
    const large = fill(9000, 2)
    put(outbox, fill(3, 3))
    outbox.append(small)
    outbox.append(large)
    put(outbox, fill(4, 4))
    small.fill(9)
    turn.end()
    assert.deepEqual(sink.writes, [103, 9000, 4])
    assert.equal(sink.corks, 1)
    assert.deepEqual(sink.took.slice(0, 104), [3, 3, 3, ...fill(100, 1), 2])
  })

  it("does not touch bytes that the kernel has yet to take", () => {
    const { turn, boxes } = setUp({}, 3)
    const [slow, ...others] = boxes as [(typeof boxes)[number], ...typeof boxes]
    slow.sink.open = false
    put(slow.outbox, fill(500, 42))
    turn.end()
    // far more than a slab holds, over many turns
    for (let i = 0; i < 1000; i++) {
      for (const { outbox } of others) put(outbox, fill(300, i))
      turn.end()
    }
    slow.sink.take()
    assert.deepEqual(slow.sink.took, [...fill(500, 42)])
  })

  it("uses its slab again: a thousand turns of echoes allocate nothing", () => {
    const { outbox, sink } = setUp()
    const buffers = new Set<ArrayBufferLike>()
    for (let i = 0; i < 1000; i++) {
      outbox.reading = true
      for (let k = 0; k < 50; k++) {
        const at = outbox.reserve(64)
        buffers.add(outbox.buffer.buffer)
        outbox.buffer.fill(k, at, at + 64)
        outbox.commit(64)
      }
      outbox.reading = false
      outbox.flush()
      sink.took.length = 0
    }
    assert.equal(buffers.size, 1)
  })

  it("uses slabs again after broadcasts over more connections than one slab holds", () => {
    const { turn, boxes } = setUp({}, 1000)
    const buffers = new Set<ArrayBufferLike>()
    for (let round = 0; round < 30; round++) {
      for (let k = 0; k < 3; k++) {
        for (const { outbox, sink } of boxes) {
          const at = outbox.reserve(60)
          buffers.add(outbox.buffer.buffer)
          outbox.buffer.fill(k, at, at + 60)
          outbox.commit(60)
          sink.took.length = 0
        }
      }
      turn.end()
    }
    assert.ok(buffers.size <= 16, `${buffers.size} slabs for 30 rounds over 1 000 connections`)
  })

  it("writes a burst to many connections as one piece each", () => {
    const { turn, boxes } = setUp({}, 100)
    for (let round = 0; round < 3; round++) {
      for (let k = 0; k < 10; k++) for (const { outbox } of boxes) outbox.append(fill(120, k))
      turn.end()
    }
    // the first burst finds out how much each needs
    for (const { sink } of boxes) assert.deepEqual(sink.writes.slice(-1), [1200])
  })

  it("gives a slab back where a frame was reserved and never committed", () => {
    const { turn, boxes } = setUp({}, 2)
    const [idle, busy] = boxes as [(typeof boxes)[number], (typeof boxes)[number]]
    const buffers = new Set<ArrayBufferLike>()
    for (let i = 0; i < 500; i++) {
      idle.outbox.write(1000, () => -1)
      const at = busy.outbox.reserve(200)
      buffers.add(busy.outbox.buffer.buffer)
      busy.outbox.buffer.fill(1, at, at + 200)
      busy.outbox.commit(200)
      turn.end()
    }
    assert.equal(buffers.size, 1)
  })

  it("gives a slab back when it is disposed with something queued", () => {
    const buffers = new Set<ArrayBufferLike>()
    const { turn, pool, outbox: busy } = setUp()
    for (let i = 0; i < 500; i++) {
      const outbox = new Outbox(pool, new TestSink(), limits, () => {})
      put(outbox, fill(1000, 1))
      outbox.dispose()
      const at = busy.reserve(200)
      buffers.add(busy.buffer.buffer)
      busy.buffer.fill(1, at, at + 200)
      busy.commit(200)
      turn.end()
    }
    assert.equal(buffers.size, 1)
  })

  it("keeps a backlog in memory of its own, so that it pins no slab", () => {
    const { turn, boxes } = setUp({ maxPendingBytes: 100_000 }, 2)
    const [slow, busy] = boxes as [(typeof boxes)[number], (typeof boxes)[number]]
    slow.sink.open = false
    put(slow.outbox, fill(10, 1))
    turn.end()
    const shared = new Set<ArrayBufferLike>()
    for (let i = 0; i < 200; i++) {
      busy.outbox.reserve(100)
      shared.add(busy.outbox.buffer.buffer)
      busy.outbox.commit(100)
      slow.outbox.reserve(100)
      assert.equal(shared.has(slow.outbox.buffer.buffer), false)
      slow.outbox.commit(100)
      turn.end()
    }
    assert.ok(shared.size <= 2, `${shared.size} slabs`)
  })

  it("keeps the bytes of many connections apart, whatever is sent and whatever stalls (seeded)", () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = mulberry32(seed)
      const { turn, boxes } = setUp({ maxPendingBytes: 300_000, highWaterMark: 50_000 }, 8)
      const expected: Array<Array<number>> = boxes.map(() => [])
      for (let step = 0; step < 400; step++) {
        const n = Math.floor(random() * boxes.length)
        const { outbox, sink } = boxes[n] as (typeof boxes)[number]
        const size = Math.floor(random() ** 4 * (random() < 0.1 ? 90_000 : 3000))
        const frame = Uint8Array.from({ length: size }, () => random() * 256)
        const dice = random()
        if (dice < 0.4) {
          if (put(outbox, frame, size + Math.floor(random() * 3000)) !== "refused") expected[n]?.push(...frame)
        } else if (dice < 0.7) {
          if (!outbox.isOver(size)) {
            if (size > 0) outbox.append(frame)
            expected[n]?.push(...frame)
          }
        } else if (dice < 0.75) outbox.write(size, () => -1)
        else if (dice < 0.85) sink.open = random() < 0.6
        else if (dice < 0.92) {
          if (sink.open) sink.take()
          else sink.take(1)
          sink.tick()
        } else turn.end()
      }
      for (const [n, { outbox, sink }] of boxes.entries()) {
        sink.open = true
        turn.end()
        for (let i = 0; i < 20; i++) {
          sink.take()
          sink.tick()
        }
        assert.equal(outbox.pendingBytes, 0, `seed ${seed}`)
        assert.deepEqual(Buffer.from(sink.took).equals(Buffer.from(expected[n] ?? [])), true, `seed ${seed}, box ${n}`)
      }
    }
  })
})

describe("limitsOf", () => {
  it("fills in what is missing, with room for two of the largest frames", () => {
    assert.deepEqual(limitsOf(undefined, 1000), { highWaterMark: 65_536, maxPendingBytes: 4_194_304 })
    assert.deepEqual(limitsOf({}, 10_000_000), { highWaterMark: 65_536, maxPendingBytes: 20_000_000 })
    assert.deepEqual(limitsOf({ maxPendingBytes: 5 }, 1000), { highWaterMark: 65_536, maxPendingBytes: 5 })
  })
})

describe("limitsProblem", () => {
  it("names the option that does not fit", () => {
    assert.equal(limitsProblem({ highWaterMark: 10, maxPendingBytes: 1016 }, 1000), undefined)
    assert.match(limitsProblem({ highWaterMark: 10, maxPendingBytes: 1000 }, 1000) ?? "", /maxPendingBytes is 1000/)
    assert.match(limitsProblem({ highWaterMark: 0, maxPendingBytes: 2000 }, 1000) ?? "", /highWaterMark is 0/)
    assert.match(limitsProblem({ highWaterMark: 3000, maxPendingBytes: 2000 }, 1000) ?? "", /highWaterMark is 3000/)
  })
})

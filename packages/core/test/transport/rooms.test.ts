import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import type { GatewayConnection } from "../../src/transport/internal/GatewayConnection.ts"
import { RoomIndex } from "../../src/transport/internal/roomIndex.ts"

/** As much of a connection as the index looks at. */
const connection = (id: number): GatewayConnection =>
  ({ id, rooms: new Map<string, number>(), state: "open" }) as unknown as GatewayConnection

type Step = readonly [what: "join" | "leave" | "leaveAll", room: string, who: number]
const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom("join", "join", "leave", "leaveAll"),
  fc.constantFrom("a", "b", "c", "__proto__"),
  fc.nat(7)
)

describe("RoomIndex", () => {
  it("has the members that sets would have, and each member's place", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const index = new RoomIndex(3)
        const connections = Array.from({ length: 8 }, (_, i) => connection(i))
        const model = new Map<string, Set<GatewayConnection>>()
        const roomsOf = (one: GatewayConnection) => [...model].filter(([, members]) => members.has(one))
        for (const [what, room, who] of steps) {
          const one = connections[who] as GatewayConnection
          const members = model.get(room) ?? new Set()
          if (what === "join") {
            const may = members.has(one) || roomsOf(one).length < 3
            assert.strictEqual(index.join(room, one), may)
            if (may) model.set(room, members.add(one))
          } else if (what === "leave") {
            index.leave(room, one)
            members.delete(one)
          } else {
            index.leaveAll(one)
            for (const [, all] of model) all.delete(one)
          }
        }
        for (const room of ["a", "b", "c", "__proto__"]) {
          const members = index.members(room)
          const ids = (some: Iterable<GatewayConnection>) => [...some].map((one) => connections.indexOf(one)).sort()
          assert.deepStrictEqual(ids(members), ids(model.get(room) ?? []))
          assert.strictEqual(new Set(members).size, members.length)
          for (const [place, member] of members.entries()) assert.strictEqual(member.rooms.get(room), place)
        }
      }),
      { numRuns: 500 }
    )
  })

  it("takes nobody who is gone", () => {
    const index = new RoomIndex(3)
    const gone = { ...connection(1), state: "closed" } as unknown as GatewayConnection
    assert.strictEqual(index.join("a", gone), false)
    assert.deepStrictEqual(index.members("a"), [])
  })
})

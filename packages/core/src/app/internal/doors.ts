import { type Node, ownersOf } from "./order.ts"

/** What the order of doors has to know of a plugin, beside its needs. */
interface Door extends Node {
  readonly contributes: ReadonlyArray<{ readonly point: string }>
  readonly hosts: ReadonlyArray<{ readonly point: string }>
}

/**
 * The order in which hosts are activated: dependents before what they need, so that whatever everybody stands on opens
 * last. A host also goes before what its items stand on: a gateway that opens a WebSocket listener goes before the HTTP
 * host which that listener needs, although the gateway itself does not. Where such a wish would turn needs around, the
 * needs win.
 */
export const orderOfDoors = <D extends Door>(ordered: ReadonlyArray<D>): ReadonlyArray<D> => {
  const owners = ownersOf(ordered)
  const below = new Map<D, Set<D>>(ordered.map((door) => [door, new Set()]))
  const under = (door: D) => below.get(door) as Set<D>
  const needs = (door: D): ReadonlyArray<D> =>
    door.requires.flatMap(({ key }) => {
      const owner = owners.get(key)
      return owner === undefined || owner === door ? [] : [owner]
    })
  for (const door of ordered) for (const need of needs(door)) under(door).add(need)

  const reaches = (from: D, to: D, seen = new Set<D>()): boolean => {
    if (from === to) return true
    if (seen.has(from)) return false
    seen.add(from)
    return [...under(from)].some((next) => reaches(next, to, seen))
  }
  const contributors = new Map<string, Array<D>>()
  for (const door of ordered) {
    for (const { point } of door.contributes) contributors.set(point, [...(contributors.get(point) ?? []), door])
  }
  for (const door of ordered) {
    for (const { point } of door.hosts) {
      for (const item of contributors.get(point) ?? []) {
        for (const need of needs(item)) if (!reaches(need, door)) under(door).add(need)
      }
    }
  }

  const placed = new Set<D>()
  const visit = (door: D): void => {
    if (placed.has(door)) return
    // what is below comes first here, and last in the result; no circle is left
    for (const next of under(door)) visit(next)
    placed.add(door)
  }
  for (const door of ordered) visit(door)
  return [...placed].reverse()
}

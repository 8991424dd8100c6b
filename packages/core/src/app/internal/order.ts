import * as Result from "effect/Result"
import { PluginCycle } from "../PluginError.ts"

/** What ordering has to know of a plugin. */
export interface Node {
  readonly name: string
  readonly provides: ReadonlyArray<{ readonly key: string }>
  readonly requires: ReadonlyArray<{ readonly key: string }>
}

/** Which plugin gives a service to which. */
export interface Edge {
  readonly from: string
  readonly to: string
  readonly service: string
}

export const ownersOf = <N extends Node>(nodes: ReadonlyArray<N>): ReadonlyMap<string, N> =>
  new Map(nodes.flatMap((node) => node.provides.map((service) => [service.key, node] as const)))

export const edgesOf = (nodes: ReadonlyArray<Node>): ReadonlyArray<Edge> => {
  const owners = ownersOf(nodes)
  return nodes.flatMap((node) =>
    node.requires.flatMap(({ key }) => {
      const owner = owners.get(key)
      return owner === undefined || owner === node ? [] : [{ from: owner.name, to: node.name, service: key }]
    })
  )
}

/**
 * Declared order, but for what a plugin needs, which goes before it. Own code, because `effect/Graph` costs 15 ms to
 * import and gives no such order.
 */
export const orderByNeed = <N extends Node>(nodes: ReadonlyArray<N>): Result.Result<ReadonlyArray<N>, PluginCycle> => {
  const owners = ownersOf(nodes)
  const ordered: Array<N> = []
  const placed = new Set<N>()
  const path: Array<N> = []
  const services: Array<string> = []
  const visit = (node: N): PluginCycle | undefined => {
    if (placed.has(node)) return undefined
    const start = path.indexOf(node)
    if (start >= 0) {
      return new PluginCycle({
        path: [...path.slice(start), node].map((each) => each.name),
        services: services.slice(start)
      })
    }
    path.push(node)
    for (const { key } of node.requires) {
      const owner = owners.get(key)
      if (owner === undefined || owner === node) continue
      services.push(key)
      const cycle = visit(owner)
      if (cycle !== undefined) return cycle
      services.pop()
    }
    path.pop()
    placed.add(node)
    ordered.push(node)
    return undefined
  }
  for (const node of nodes) {
    const cycle = visit(node)
    if (cycle !== undefined) return Result.fail(cycle)
  }
  return Result.succeed(ordered)
}

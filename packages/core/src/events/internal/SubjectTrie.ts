import { isPattern } from "../Subject.ts"

/** A member of the trie: where it stands, and the group it shares events with. */
export interface Member {
  readonly pattern: string
  readonly group: string | undefined
}

/** Whom a subject reaches: everybody of `each`, and one of every group. */
export interface Matched<M> {
  readonly each: ReadonlyArray<M>
  readonly groups: ReadonlyArray<{ readonly members: ReadonlyArray<M>; next: number }>
}

class Node<M> {
  readonly children = new Map<string, Node<M>>()
  star: Node<M> | undefined
  /** members whose pattern ends here */
  readonly here = new Set<M>()
  /** members whose pattern goes on with `>` */
  readonly rest = new Set<M>()
  get isEmpty(): boolean {
    return this.here.size === 0 && this.rest.size === 0 && this.star === undefined && this.children.size === 0
  }
}

/** Subjects whose matches are remembered. All are forgotten when one more comes, and when anybody comes or goes. */
const MAX_REMEMBERED = 16_384
const nobody: Matched<never> = { each: [], groups: [] }

/** Patterns by their tokens: finding whom a subject reaches costs its tokens, not the number of patterns. */
export class SubjectTrie<M extends Member> {
  private readonly root = new Node<M>()
  /** patterns without wildcards: most of them, found with one look */
  private readonly exact = new Map<string, Set<M>>()
  private readonly remembered = new Map<string, Matched<M>>()
  size = 0

  add(member: M): void {
    this.remembered.clear()
    this.size++
    if (!isPattern(member.pattern)) {
      const found = this.exact.get(member.pattern)
      if (found === undefined) this.exact.set(member.pattern, new Set([member]))
      else found.add(member)
      return
    }
    let node = this.root
    for (const token of member.pattern.split(".")) {
      if (token === ">") return void node.rest.add(member)
      node = token === "*" ? (node.star ??= new Node()) : childOf(node, token)
    }
    node.here.add(member)
  }

  remove(member: M): void {
    this.remembered.clear()
    this.size--
    if (isPattern(member.pattern)) return this.prune(this.root, member.pattern.split("."), 0, member)
    const found = this.exact.get(member.pattern)
    found?.delete(member)
    if (found?.size === 0) this.exact.delete(member.pattern)
  }

  private prune(node: Node<M>, tokens: ReadonlyArray<string>, at: number, member: M): void {
    const token = tokens[at]
    if (token === undefined) return void node.here.delete(member)
    if (token === ">") return void node.rest.delete(member)
    const next = token === "*" ? node.star : node.children.get(token)
    if (next === undefined) return
    this.prune(next, tokens, at + 1, member)
    if (!next.isEmpty) return
    if (token === "*") node.star = undefined
    else node.children.delete(token)
  }

  match(subject: string): Matched<M> {
    const known = this.remembered.get(subject)
    if (known !== undefined) return known
    const found: Array<M> = [...(this.exact.get(subject) ?? [])]
    collect(this.root, subject.split("."), 0, found)
    const matched = found.length === 0 ? nobody : grouped(found)
    if (this.remembered.size >= MAX_REMEMBERED) this.remembered.clear()
    this.remembered.set(subject, matched)
    return matched
  }
}

const childOf = <M>(node: Node<M>, token: string): Node<M> => {
  const found = node.children.get(token)
  if (found !== undefined) return found
  const made = new Node<M>()
  node.children.set(token, made)
  return made
}

const collect = <M>(node: Node<M>, tokens: ReadonlyArray<string>, at: number, into: Array<M>): void => {
  const token = tokens[at]
  if (token === undefined) return void into.push(...node.here)
  into.push(...node.rest)
  if (node.star !== undefined) collect(node.star, tokens, at + 1, into)
  const child = node.children.get(token)
  if (child !== undefined) collect(child, tokens, at + 1, into)
}

const grouped = <M extends Member>(found: ReadonlyArray<M>): Matched<M> => {
  const groups = new Map<string, Array<M>>()
  const each = found.filter((member) => {
    if (member.group === undefined) return true
    const group = groups.get(member.group)
    if (group === undefined) groups.set(member.group, [member])
    else group.push(member)
    return false
  })
  return { each, groups: Array.from(groups.values(), (members) => ({ members, next: 0 })) }
}

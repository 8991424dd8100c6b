/** Finds the handler of a method and path: exact paths first, then prefixes, the longest first. */
import type { Method, Route, RouteHandler } from "../Route.ts"

type Methods = Map<Method | "*", RouteHandler>

export interface Found {
  readonly handler: RouteHandler | undefined
  /** Value of the `Allow` header when the path is known and the method is not. */
  readonly allow: string
}

const allowed = (methods: Methods): string => {
  const names = new Set<string>(methods.keys())
  if (names.has("GET")) names.add("HEAD")
  names.add("OPTIONS")
  return [...names].join(", ")
}

const pick = (methods: Methods, method: string): RouteHandler | undefined =>
  methods.get(method as Method) ?? (method === "HEAD" ? methods.get("GET") : undefined) ?? methods.get("*")

export class RouteTable {
  private readonly exact = new Map<string, Methods>()
  private prefixes: Array<{ readonly prefix: string; readonly methods: Methods }> = []

  /** False when the place is taken. */
  add({ handler, method, path }: Route): boolean {
    const methods = this.at(path)
    if (methods.has(method)) return false
    methods.set(method, handler)
    return true
  }

  remove({ method, path }: Route): void {
    const methods = this.at(path)
    methods.delete(method)
    if (methods.size > 0) return
    if (path.endsWith("/*")) this.prefixes = this.prefixes.filter((entry) => entry.methods !== methods)
    else this.exact.delete(path)
  }

  /** Undefined when nothing is known of the path. */
  find(method: string, path: string): Found | undefined {
    const exact = this.exact.get(path)
    if (exact !== undefined) return { handler: pick(exact, method), allow: allowed(exact) }
    for (const { methods, prefix } of this.prefixes) {
      if (path.startsWith(prefix)) return { handler: pick(methods, method), allow: allowed(methods) }
    }
    return undefined
  }

  private at(path: string): Methods {
    if (!path.endsWith("/*")) {
      const known = this.exact.get(path)
      if (known !== undefined) return known
      const methods: Methods = new Map()
      this.exact.set(path, methods)
      return methods
    }
    const prefix = path.slice(0, -1)
    const known = this.prefixes.find((entry) => entry.prefix === prefix)
    if (known !== undefined) return known.methods
    const entry = { prefix, methods: new Map() as Methods }
    this.prefixes.push(entry)
    this.prefixes.sort((a, b) => b.prefix.length - a.prefix.length)
    return entry.methods
  }
}

/** Path of a request target (RFC 9112 §3.2), without query; undefined when the target is none that this server takes. */
export const pathOf = (target: string | undefined): string | undefined => {
  if (target === undefined) return undefined
  if (target.charCodeAt(0) === 47) {
    const query = target.indexOf("?")
    return query < 0 ? target : target.slice(0, query)
  }
  if (target === "*") return target
  // absolute-form: what a proxy is asked for; every server must understand it (§3.2.2)
  if (!/^https?:\/\//i.test(target)) return undefined
  return URL.canParse(target) ? new URL(target).pathname : undefined
}

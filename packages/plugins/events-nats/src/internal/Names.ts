/** Subjects with and without the prefix of the app. */
export interface Names {
  readonly outer: (subject: string) => string
  readonly inner: (subject: string) => string
}

export const names = (prefix: string): Names => {
  if (prefix === "") return { outer: (subject) => subject, inner: (subject) => subject }
  // most events have the subject of the one before
  let last: string | undefined
  let lastOuter = ""
  return {
    outer: (subject) => {
      if (subject !== last) {
        last = subject
        lastOuter = `${prefix}.${subject}`
      }
      return lastOuter
    },
    inner: (subject) => subject.slice(prefix.length + 1)
  }
}

/** Subjects with and without the prefix of the app. */
export interface Names {
  readonly outer: (subject: string) => string
  readonly inner: (subject: string) => string
}

export const names = (prefix: string): Names =>
  prefix === ""
    ? { outer: (subject) => subject, inner: (subject) => subject }
    : { outer: (subject) => `${prefix}.${subject}`, inner: (subject) => subject.slice(prefix.length + 1) }

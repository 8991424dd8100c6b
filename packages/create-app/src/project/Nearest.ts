/** Edits (insert, delete, replace; Levenshtein) between two words. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** The candidate that was probably meant: one that begins with the word, or the closest, at most half of it away. */
export const nearest = (word: string, candidates: ReadonlyArray<string>): string | undefined => {
  const wanted = word.toLowerCase()
  const begins = candidates.find((candidate) => wanted.length > 1 && candidate.startsWith(wanted))
  if (begins !== undefined) return begins
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(wanted, candidate) }))
    .sort((a, b) => a.edits - b.edits)
  const best = ranked[0]
  return best !== undefined && best.edits <= Math.max(2, Math.floor(best.candidate.length / 2))
    ? best.candidate
    : undefined
}

/** Which writing systems a text mixes, and what it looks like in Latin letters. */

/**
 * Combinations that people write names in: one script, or Latin beside those of East Asia ("highly restrictive" in
 * https://www.unicode.org/reports/tr39/#Restriction_Level_Detection).
 */
const together: ReadonlyArray<ReadonlyArray<string>> = [
  ["Latin", "Han", "Hiragana", "Katakana"],
  ["Latin", "Han", "Bopomofo"],
  ["Latin", "Han", "Hangul"]
]

const named = [
  "Latin",
  "Cyrillic",
  "Greek",
  "Armenian",
  "Georgian",
  "Hebrew",
  "Arabic",
  "Devanagari",
  "Bengali",
  "Tamil",
  "Telugu",
  "Thai",
  "Cherokee",
  "Ethiopic",
  "Khmer",
  "Han",
  "Hiragana",
  "Katakana",
  "Bopomofo",
  "Hangul"
].map((name) => ({ name, pattern: new RegExp(`\\p{Script=${name}}`, "u") }))

const PLAIN = /^[\p{ASCII}]*$/u
// digits, punctuation and marks belong to every script
const LETTER = /\p{L}/u

/** The scripts of its letters; one that has no name here is `Other`. */
const scriptsOf = (text: string): ReadonlySet<string> => {
  const found = new Set<string>()
  for (const character of text) {
    if (!LETTER.test(character)) continue
    found.add(named.find(({ pattern }) => pattern.test(character))?.name ?? "Other")
  }
  return found
}

/** Whether letters of several scripts stand in one word, as in a name that is made to look like another. */
export const mixesScripts = (text: string): boolean => {
  if (PLAIN.test(text)) return false
  const found = scriptsOf(text)
  return found.size > 1 && !together.some((some) => [...found].every((script) => some.includes(script)))
}

/** Letters that look like others in most fonts: from https://www.unicode.org/Public/security/latest/confusables.txt. */
const alike: ReadonlyArray<readonly [looksLike: string, letters: string]> = [
  ["a", "аɑα"],
  ["b", "ƅь"],
  ["c", "сϲᴄ"],
  ["d", "ԁ"],
  ["e", "еҽ"],
  ["g", "ɡց"],
  ["h", "һհ"],
  ["i", "іıɩι1lӏ|"],
  ["j", "јϳ"],
  ["k", "кκᴋ"],
  ["m", "мᴍ"],
  ["n", "пոռη"],
  ["o", "оοօ0σᴏ"],
  ["p", "рρ"],
  ["q", "ԛգ"],
  ["r", "гᴦ"],
  ["s", "ѕꜱƽ"],
  ["t", "тτᴛ"],
  ["u", "υսᴜ"],
  ["v", "ѵνᴠ"],
  ["w", "ѡԝᴡ"],
  ["x", "хχ"],
  ["y", "уγყʏ"],
  ["z", "ᴢ"]
]
const looks = new Map(alike.flatMap(([as, letters]) => [...letters].map((letter) => [letter, as] as const)))

/** The text with every letter as it looks, for comparing names: `раураl` is `paypai`, and so is `paypal`. */
export const lookOf = (text: string): string => {
  let look = ""
  const decomposed = text.normalize("NFKD").toLowerCase().normalize("NFKD")
  for (const character of decomposed) {
    if (/[\p{M}\p{Default_Ignorable_Code_Point}]/u.test(character)) continue
    look += looks.get(character) ?? character
  }
  // two letters that look like one
  return look.replaceAll("rn", "m").replaceAll("vv", "w")
}

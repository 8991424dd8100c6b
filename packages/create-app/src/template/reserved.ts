/** Words that cannot be a binding in a module. */
export const reserved: ReadonlyArray<string> = (
  "arguments as async await break case catch class const continue debugger default delete do else enum eval export extends " +
  "false finally for function get if implements import in instanceof interface let new null of package private " +
  "protected public return set static super switch this throw true try type typeof undefined var void while with yield"
).split(" ")

/** Whether a word cannot be the name of an import. */
export const isReserved = (word: string): boolean => reserved.includes(word)

/** Finds the slots of raw text: `:name`, but not within quotes, comments, dollar quotes and casts (`::text`). */
const token =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|\/\*[\s\S]*?\*\/|(\$[A-Za-z_]*\$)[\s\S]*?\1|::|:([A-Za-z_]\w*)/g

export const rawText = (text: string, slot: (name: string) => string): string =>
  text.replace(token, (whole: string, _: string | undefined, name: string | undefined) =>
    name === undefined ? whole : slot(name)
  )

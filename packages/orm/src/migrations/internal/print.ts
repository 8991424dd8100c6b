/** Migrations as source text, in the style of this workspace. */
import type { Migration } from "@mortise/core/orm/Migration"

const width = 100
const bare = /^[A-Za-z_$][\w$]*$/

const key = (name: string): string => (bare.test(name) ? name : JSON.stringify(name))

/** A value on one line where it fits, else spread. */
const literal = (value: unknown, indent: string): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const inner = `${indent}  `
  const parts = (at: string) =>
    Array.isArray(value)
      ? value.map((item) => literal(item, at))
      : Object.entries(value)
          .filter(([, item]) => item !== undefined)
          .map(([name, item]) => `${key(name)}: ${literal(item, at)}`)
  const [open, close, space] = Array.isArray(value) ? ["[", "]", ""] : ["{", "}", " "]
  const flat = parts(inner)
  if (flat.length === 0) return open + close
  const line = `${open}${space}${flat.join(", ")}${space}${close}`
  if (!line.includes("\n") && indent.length + line.length <= width) return line
  return `${open}\n${flat.map((part) => inner + part).join(",\n")}\n${indent}${close}`
}

/** The file of a migration. `notes` stand above it as comments. */
export const source = ({ id, operations }: Migration, notes: ReadonlyArray<string>): string => {
  const comment = notes.map((note) => `// ${note}\n`).join("")
  const steps = operations.map((operation) => `    ${literal(operation, "    ")}`).join(",\n")
  return (
    `import * as Migration from "@mortise/core/orm/Migration"\n\n${comment}` +
    `export default Migration.make({\n  id: ${JSON.stringify(id)},\n  operations: [\n${steps}\n  ]\n})\n`
  )
}

/** The file that lists the migrations of its folder. */
export const index = (ids: ReadonlyArray<string>): string => {
  const names = ids.map((_, at) => `m${String(at + 1).padStart(4, "0")}`)
  const imports = ids.map((id, at) => `import ${names[at]} from "./${id}.ts"\n`)
  return (
    `// Lists the migrations of this folder in their order. Written anew whenever one is generated.\n` +
    `import type { Migration } from "@mortise/core/orm/Migration"\n${imports.join("")}\n` +
    `export const migrations: ReadonlyArray<Migration> = [${names.join(", ")}]\n`
  )
}

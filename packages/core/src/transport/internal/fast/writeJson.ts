import type { JsonBytes } from "../JsonBytes.ts"
import { encodeUtf8 } from "../text.ts"
import type { RecordShape, Shape } from "./shape.ts"

/** Writes a value of the shape, or answers false for anything else: then what stands in `into` is of no use. */
export type JsonWriter = (value: unknown, into: JsonBytes) => boolean

/**
 * Straight-line code, made once for each message, that writes what `JSON.stringify` writes for the known fields in the
 * order of the schema. `undefined` where the shape has no plain JSON or where code may not be generated.
 */
export const jsonWriter = (shape: Shape): JsonWriter | undefined => {
  const program = new Program()
  return program.value(shape, "value") ? program.build() : undefined
}

class Program {
  private readonly lines: Array<string> = []
  private readonly texts: Array<Uint8Array> = []
  /** what stands between two values, written at once */
  private between = ""
  private names = 0

  build(): JsonWriter | undefined {
    this.flush()
    try {
      return new Function("T", `return function(value,o){${this.lines.join("")}return true}`)(this.texts)
    } catch {
      return undefined
    }
  }

  /** Adds what writes `given`; false where the shape has no plain JSON. */
  value(shape: Shape, given: string): boolean {
    switch (shape.type) {
      case "string":
        return this.write(`typeof ${given}!=="string"`, `o.string(${given});`)
      case "boolean":
        return this.write(`typeof ${given}!=="boolean"`, `o.raw(${given}?${this.text("true")}:${this.text("false")});`)
      case "number":
        return this.write(`!Number.${shape.whole ? "isSafeInteger" : "isFinite"}(${given})`, `o.number(${given});`)
      case "literal": {
        const isNone = shape.values.map((value) => `${given}!==${JSON.stringify(value)}`).join("&&")
        return this.write(isNone, `o.string(${given});`)
      }
      case "bytes":
        return false
      case "array":
        return this.array(shape.item, given)
      case "record":
        return this.record(shape, given)
    }
  }

  private array(shape: Shape, given: string): boolean {
    const i = this.name()
    const item = this.name()
    this.lines.push(`if(!Array.isArray(${given}))return false;`)
    this.between += "["
    this.flush()
    this.lines.push(`for(let ${i}=0;${i}<${given}.length;${i}++){if(${i}>0)o.raw(${this.text(",")});`)
    this.lines.push(`const ${item}=${given}[${i}];`)
    if (!this.value(shape, item)) return false
    this.flush()
    this.lines.push("}")
    this.between = "]"
    return true
  }

  private record({ fields }: RecordShape, given: string): boolean {
    this.lines.push(`if(typeof ${given}!=="object"||${given}===null||Array.isArray(${given}))return false;`)
    this.between += "{"
    // with a first field that is always there the commas are known beforehand
    const comma = fields[0]?.optional === true ? this.name() : undefined
    if (comma !== undefined) this.lines.push(`let ${comma}=false;`)
    for (const [i, { name, optional, shape }] of fields.entries()) {
      const key = JSON.stringify(name)
      const field = this.name()
      if (optional || comma !== undefined) this.flush()
      if (optional) this.lines.push(`if(${key} in ${given}){`)
      if (comma === undefined) this.between += i > 0 ? "," : ""
      else this.lines.push(`if(${comma})o.raw(${this.text(",")});${comma}=true;`)
      this.between += `${key}:`
      this.lines.push(`const ${field}=${given}[${key}];`)
      if (!this.value(shape, field)) return false
      if (!optional) continue
      this.flush()
      this.lines.push("}")
    }
    this.between += "}"
    return true
  }

  private write(fails: string, code: string): true {
    this.lines.push(`if(${fails})return false;`)
    this.flush()
    this.lines.push(code)
    return true
  }

  private flush(): void {
    if (this.between !== "") this.lines.push(`o.raw(${this.text(this.between)});`)
    this.between = ""
  }

  private text(json: string): string {
    return `T[${this.texts.push(encodeUtf8(json)) - 1}]`
  }

  private name(): string {
    return `v${this.names++}`
  }
}

import { FAIL, type Shape } from "./shape.ts"

/**
 * A function that passes a value of the shape as a copy with the known fields only, and answers `FAIL` to anything else.
 * The same for both directions: what is plain in code is plain JSON. Straight-line code, made once for each message;
 * `undefined` where the shape has no plain JSON or where code may not be generated.
 */
export const checker = (shape: Shape): ((value: unknown) => unknown) | undefined => {
  const lines: Array<string> = []
  const result = emit(shape, "value", lines)
  if (result === undefined) return undefined
  try {
    return new Function("F", `return function(value){${lines.join("")}return ${result}}`)(FAIL)
  } catch {
    return undefined
  }
}

/** Adds the statements that check `given`; gives the expression of the result. */
const emit = (shape: Shape, given: string, lines: Array<string>): string | undefined => {
  const name = `v${lines.length}`
  switch (shape.type) {
    case "string":
    case "boolean":
      lines.push(`if(typeof ${given}!=="${shape.type}")return F;`)
      return given
    case "number":
      lines.push(`if(!Number.${shape.whole ? "isSafeInteger" : "isFinite"}(${given}))return F;`)
      return given
    case "literal":
      lines.push(`if(${shape.values.map((value) => `${given}!==${JSON.stringify(value)}`).join("&&")})return F;`)
      return given
    case "bytes":
      return undefined
    case "array": {
      lines.push(`if(!Array.isArray(${given}))return F;const ${name}=[];for(const i${name} of ${given}){`)
      const item = emit(shape.item, `i${name}`, lines)
      lines.push(`${name}.push(${item});}`)
      return item === undefined ? undefined : name
    }
    case "record": {
      lines.push(`if(typeof ${given}!=="object"||${given}===null||Array.isArray(${given}))return F;`)
      const whole = shape.fields.every(({ optional }) => !optional)
      const parts: Array<string> = []
      if (!whole) lines.push(`const ${name}={};`)
      for (const field of shape.fields) {
        const key = JSON.stringify(field.name)
        const own = `f${lines.length}`
        lines.push(field.optional ? `if(${key} in ${given}){` : "", `const ${own}=${given}[${key}];`)
        const result = emit(field.shape, own, lines)
        if (result === undefined) return undefined
        parts.push(`${key}:${result}`)
        // in the order of the schema, as its parser has it
        if (!whole) lines.push(`${name}[${key}]=${result};${field.optional ? "}" : ""}`)
      }
      if (whole) lines.push(`const ${name}={${parts.join(",")}};`)
      return name
    }
  }
}

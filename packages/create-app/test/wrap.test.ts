import { stripVTControlCharacters, styleText } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { displayWidth } from "effect/cli/CliOutput"
import * as fc from "fast-check"
import { table } from "../src/cli/table.ts"
import { wrapHelp, wrapWords } from "../src/cli/wrap.ts"

describe("wrapping", () => {
  it("breaks between words, keeps every word, and no line is too long", () => {
    const word = fc.string({ minLength: 1, maxLength: 20 }).map((text) => text.replaceAll(/\s/g, "x"))
    void fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 24, max: 60 }), (words, columns) => {
        const lines = wrapWords(words.join(" "), columns)
        assert.strictEqual(lines.join(" "), words.join(" "))
        for (const line of lines) assert.isTrue(displayWidth(line) <= columns || !line.includes(" "), line)
      })
    )
  })

  it("hangs the last column of a table below its beginning, styles or not", () => {
    const rows = [
      [styleText("bold", "tcp", { validateStream: false }), "Clients over TCP, of which there may be many"],
      ["websocket", "Browsers"]
    ]
    assert.deepStrictEqual(stripVTControlCharacters(table(rows, "  ", 40)).split("\n"), [
      "  tcp        Clients over TCP, of which",
      "             there may be many",
      "  websocket  Browsers"
    ])
  })

  it("hangs the lines of help below the column that they begin in", () => {
    const help =
      "FLAGS\n  --yes, -y    Ask nothing: defaults for everything\n  A line that is not a table's, and too long"
    assert.strictEqual(
      wrapHelp(help, 40),
      "FLAGS\n  --yes, -y    Ask nothing: defaults for\n               everything\n  A line that is not a table's, and too\n  long"
    )
  })
})

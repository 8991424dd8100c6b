/** Error classes, the catalogue and the entries of docs/troubleshooting.md: what one says, the others say. */
import { readFileSync } from "node:fs"
import path from "node:path"
import * as Errors from "@mortise/core/app/Errors"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import * as CreateErrors from "../packages/create-app/src/Errors.ts"
import { catalogue, declared, declaredIn, entriesPage, hidden, page, render } from "../scripts/errors.ts"
import { root } from "../scripts/workspace.ts"

const entries = await catalogue()
const codes = entries.map(({ code }) => code)
const textOf = (file: string): string => readFileSync(path.join(root, file), "utf8")

/** Errors that an Effect never fails with: thrown and caught within their package. */
const caught: Readonly<Record<string, string>> = {
  "packages/config/src/internal/formats/Format.ts: Unparsable":
    "the reading makes a problem of the configuration of it",
  "packages/config/src/internal/fromFile.ts: TooDeep": "the reading makes a problem of the configuration of it",
  "packages/core/src/transport/internal/table.ts: ContractClash": "Gateway.add makes a ServeError of it",
  "packages/create-app/src/edit/EditRefused.ts: NoPlace": "the file's edit makes an EditRefused of it",
  "packages/orm/src/ValueCodec.ts: Mismatch": "the engine makes a ValueInvalid or a RowInvalid of it",
  "packages/orm/src/internal/dbCommand.ts: Usage": "the command prints it and exits with 2",
  "packages/orm/src/migrations/SchemaState.ts: Misfit": "the runner makes a MigrationInvalid of it",
  "packages/core/src/orm/OrmError.ts: UniqueViolation": "it refines the type of a class that Errors.make made"
}

/** The first words of the codes of each component. A code is stable, also where its words are not those of today. */
const prefixes: Readonly<Record<string, ReadonlyArray<string>>> = {
  accounts: ["ACCOUNTS"],
  admin: ["ADMIN"],
  app: ["APP", "PLUGIN", "SUPERVISOR"],
  auth: ["AUTH"],
  client: ["CLIENT"],
  "create-app": ["ADD", "APP", "CREATE", "EDIT", "EVOLVE", "REMOVE", "WORKSPACE"],
  config: ["CONFIG"],
  crypto: ["BUNDLE", "CRYPTO", "GROUP", "MESSAGE", "PEER", "SEALED", "SECURE", "SHORT", "TRUST"],
  events: ["EVENT"],
  http: ["HTTP"],
  jwt: ["JWT"],
  orm: ["ORM"],
  tasks: ["TASK"],
  transport: ["FRAME", "GATEWAY", "TRANSPORT"]
}

/** `packages/core/src/orm/…` is of `orm`, `packages/plugins/jwt/…` of `jwt`. */
const componentOf = (file: string): string => {
  const [, area] = /^packages\/core\/src\/([^/]+)\//.exec(file) ?? []
  const [, folder] = /^packages\/(?:plugins\/|transports\/)?([^/]+)\//.exec(file) ?? []
  return area ?? folder ?? file
}

describe("every error class of the packages", () => {
  it("is declared with Errors.make", () => {
    const typed = declared().flatMap(({ file, name, way }) => (way === "typed" ? [`${file}: ${name}`] : []))
    expect(
      typed,
      "declare these with Errors.make (packages/core/src/app/Errors.ts says how), which gives them a code, a component, " +
        `a status and retryable; then write an entry for each code in ${entriesPage} and run: npm run errors`
    ).toEqual([])
  })

  it("is exported, or refined by a class that is", async () => {
    expect(await hidden(), "export these: nobody can catch or name them, and their codes are in no catalogue").toEqual(
      []
    )
  })

  it("is typed, but for those that never leave their package", () => {
    const plain = declared().flatMap(({ file, name, way }) => (way === "plain" ? [`${file}: ${name}`] : []))
    expect(plain.toSorted(), "a plain Error has no code: use Errors.make, or say above who catches it").toEqual(
      Object.keys(caught).toSorted()
    )
  })

  it("is found, however it is written", () => {
    const source = `
      export class A extends Errors.make<A>()("A", {}) {}
      class B<T extends string = string> extends Errors.make<B<T>>()("B", {}) {}
      export class C extends Schema.TaggedError<C>()("C", {}) {}
      class D extends Data.TaggedError("D")<{}> {}
      class E extends Data.Error<{}> {}
      class F extends Schema.ErrorClass<F>("F")({}) {}
      class G extends Error {}
      class H extends TypeError {
      // class I extends Erroneous {}`
    expect(declaredIn(source).map(({ name, way }) => `${name} ${way}`)).toEqual([
      "A made",
      "B made",
      "C typed",
      "D typed",
      "E typed",
      "F typed",
      "G plain",
      "H plain"
    ])
    expect(entries.length).toBeGreaterThan(150)
  })
})

describe("the codes", () => {
  it("are unique", () => {
    expect(codes.filter((code, i) => codes.indexOf(code) !== i)).toEqual([])
  })

  it("are words in capitals, the first of which tells the component", () => {
    expect(codes.filter((code) => !/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(code))).toEqual([])
    const foreign = entries.filter(({ code, component }) => !prefixes[component]?.includes(code.split("_")[0] ?? ""))
    expect(
      foreign.map(({ code, component }) => `${code} of ${component}`),
      "begin the code with a word of its component, or add the word above"
    ).toEqual([])
  })

  it("are of the component that the class lies in, with a status that HTTP has for errors", () => {
    expect(entries.filter(({ component, file }) => component !== componentOf(file))).toEqual([])
    expect(entries.filter(({ status }) => !Number.isInteger(status) || status < 400 || status > 599)).toEqual([])
  })
})

describe(page, () => {
  it("is what the classes say", () => {
    expect(textOf(page), `make it anew: npm run errors`).toBe(render(entries))
  })

  it("is the same when it is made again", async () => {
    expect(render(await catalogue())).toBe(render(entries))
  })
})

describe(entriesPage, () => {
  const parts = textOf(entriesPage).split(/^### /m)
  const explained = parts.flatMap((part) => {
    const [, code] = /^`([A-Z0-9_]+)`\n/.exec(part) ?? []
    return code === undefined ? [] : [{ code, text: (part.split(/^#/m)[0] ?? "").replaceAll(/\n {2}/g, " ") }]
  })

  it("has an entry for every code, and none for a code that is gone", () => {
    const listed = explained.map(({ code }) => code)
    expect(
      codes.filter((code) => !listed.includes(code)),
      "write an entry for these: ### `CODE`, then - **What happened.** …, - **Why.** … and - **What to do.** …"
    ).toEqual([])
    expect(
      listed.filter((code) => !codes.includes(code)),
      "no class has these codes any more: remove their entries"
    ).toEqual([])
    expect(listed.filter((code, i) => listed.indexOf(code) !== i)).toEqual([])
  })

  it.each(explained.map(({ code, text }) => [code, text] as const))("%s: what happened, why, what to do", (_, text) => {
    const said = [...text.matchAll(/^- \*\*(What happened|Why|What to do)\.\*\* (.{8,})$/gm)]
    expect(said.map(([, what]) => what)).toEqual(["What happened", "Why", "What to do"])
  })
})

describe("the errors of create-app, which imports nothing of core", () => {
  it("tell the same as those of core", () => {
    const told = (make: typeof Errors.make | typeof CreateErrors.make) => {
      const declaration = { component: "create-app", code: "CREATE_X", status: 503, retryable: true } as const
      class One extends (make as typeof CreateErrors.make)<Error>()("One", declaration, { path: Schema.String }) {}
      const { code, component, retryable, status } = new One({ path: "x" })
      return { code, component, retryable, status, of: One.component, codes: One.codes }
    }
    expect(told(CreateErrors.make)).toEqual(told(Errors.make))
    const described = Errors.describe(
      new (class extends CreateErrors.make<Error>()(
        "Two",
        { component: "create-app", code: "CREATE_TWO", status: 409 },
        { path: Schema.String }
      ) {})({ path: "x" })
    )
    expect(described).toMatchObject({
      code: "CREATE_TWO",
      status: 409,
      component: "create-app",
      context: { path: "x" }
    })
  })
})

// @module-tag process
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { proposeAdd } from "../src/evolve/add.ts"
import { proposeRemove } from "../src/evolve/remove.ts"
import { commit } from "../src/workspace/Commit.ts"
import { appFolder, appServices, evolveInput } from "./pluginFixture.ts"

type Given = Partial<Parameters<typeof evolveInput>[0]>

const add = (cwd: string, names: ReadonlyArray<string>, given: Given = {}) =>
  proposeAdd(evolveInput({ cwd, names, ...given })).pipe(
    Effect.tap(({ proposal }) => (proposal === undefined ? Effect.void : commit(proposal.plan))),
    Effect.scoped,
    Effect.provide(appServices)
  )
const unneeded = (cwd: string, names: ReadonlyArray<string>) =>
  proposeRemove(evolveInput({ cwd, names })).pipe(
    Effect.map(({ unneeded }) => unneeded.map(({ name }) => name)),
    Effect.scoped,
    Effect.provide(appServices)
  )

describe("what stays when a plugin is removed", () => {
  it.effect("is named when it came for that plugin: with --yes, or with --with", () =>
    Effect.gen(function* () {
      for (const given of [{ yes: true }, { with: ["database"] }]) {
        const cwd = appFolder()
        yield* add(cwd, ["accounts"], given)
        assert.deepStrictEqual(yield* unneeded(cwd, ["accounts"]), ["database"])
      }
    })
  )

  it.effect("is not named when it was asked for, or goes as well", () =>
    Effect.gen(function* () {
      const cwd = appFolder()
      yield* add(cwd, ["database", "accounts"])
      assert.deepStrictEqual(yield* unneeded(cwd, ["accounts"]), [])
      const other = appFolder()
      yield* add(other, ["accounts"], { yes: true })
      assert.deepStrictEqual(yield* unneeded(other, ["accounts", "database"]), [])
    })
  )

  it.effect("is not named when another plugin needs it, or it came for another", () =>
    Effect.gen(function* () {
      const second = {
        "node_modules/@acme/second/package.json": JSON.stringify({
          name: "@acme/second",
          version: "1.0.0",
          exports: { "./manifest": "./manifest.json" }
        }),
        "node_modules/@acme/second/manifest.json": JSON.stringify({
          plugins: [
            {
              name: "second",
              summary: "",
              from: "@acme/second",
              factory: "second",
              provides: ["@acme/Second"],
              requires: ["@acme/Database"]
            },
            {
              name: "third",
              summary: "",
              from: "@acme/second",
              factory: "third",
              provides: [],
              requires: ["@acme/Second"]
            }
          ]
        })
      }
      const cwd = appFolder(second)
      yield* add(cwd, ["@acme/second#third", "accounts", "mail"], { yes: true })
      assert.deepStrictEqual(yield* unneeded(cwd, ["accounts"]), [])
      assert.deepStrictEqual(yield* unneeded(cwd, ["mail"]), [])
      // along what each needs
      assert.deepStrictEqual(yield* unneeded(cwd, ["@acme/second#third", "accounts"]), ["database", "second"])
    })
  )
})

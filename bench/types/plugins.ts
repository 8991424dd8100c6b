/**
 * Source text of an app of many plugins, each with 2 services provided, 3 required, a configuration, a live contribution;
 * and of the same services and layers without plugins, which is what Effect itself costs the compiler.
 */

const imports = ["Context", "Effect", "Layer", "Schema"].map((name) => `import * as ${name} from "effect/${name}"`)

const services = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, i) => [
    `class A${i} extends Context.Service<A${i}, { readonly a${i}: number }>()("bench/A${i}") {}`,
    `class B${i} extends Context.Service<B${i}, { readonly b${i}: number }>()("bench/B${i}") {}`
  ]).flat()

/** Three services of plugins before this one; the first plugins find fewer. */
const needs = (i: number): ReadonlyArray<string> =>
  i === 0 ? [] : [...new Set([`A${i - 1}`, `B${Math.floor(i / 2)}`, `A${Math.max(0, i - 7)}`, `B${i - 1}`])].slice(0, 3)

const layer = (i: number, size: string): string =>
  `Layer.effectContext(Effect.gen(function* () {
    ${needs(i)
      .map((service) => `yield* ${service}`)
      .join("\n    ")}
    return Context.make(A${i}, { a${i}: ${size} }).pipe(Context.add(B${i}, { b${i}: 1 }))
  }))`

const contribution = (i: number): string => `Effect.map(A${i}, ({ a${i} }) => ({ path: "/" + a${i} }))`

const plugin = (i: number): string => `const plugin${i} = Plugin.define({
  name: "plugin${i}",
  config: Schema.Struct({ size: Schema.Number }),
  provides: [A${i}, B${i}],
  requires: [${needs(i).join(", ")}],
  layer: ({ config }) => ${layer(i, "config.size")},
  contributes: [Plugin.contribute(Routes, ${contribution(i)})]
})`

const each = (count: number, text: (i: number) => string): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, i) => text(i))

/** An app of `count` plugins and one that hosts what they contribute. */
export const composed = (count: number): string =>
  [
    ...imports,
    `import * as Plugin from "@mortise/core/app/Plugin"`,
    `const Routes = Plugin.point<{ readonly path: string }>()("routes")`,
    `const host = Plugin.define({
  name: "host",
  hosts: [Plugin.host(Routes, (routes) => Effect.forEach(routes, ({ path }) => Effect.log(path), { discard: true }))]
})`,
    ...services(count),
    ...each(count, plugin),
    `export const app = Plugin.compose(host(), ${each(count, (i) => `plugin${i}()`).join(", ")})`,
    ""
  ].join("\n")

/** The same services, configurations, layers and contributions, without plugins. */
export const bare = (count: number): string =>
  [
    ...imports,
    ...services(count),
    ...each(
      count,
      (i) => `export const config${i} = Schema.Struct({ size: Schema.Number })
export const layer${i} = ${layer(i, "1")}
export const contribution${i} = ${contribution(i)}`
    ),
    ""
  ].join("\n")

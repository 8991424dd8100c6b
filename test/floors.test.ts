import { expect, it, describe as suite } from "vitest"
import { describe, floorsBroken, sourceFiles } from "../scripts/floors.ts"
import { type Package, packages } from "../scripts/workspace.ts"

/** A small house with one package on every floor, and two where sideways is possible. */
const house: ReadonlyArray<Package> = [
  {
    folder: "packages/core",
    manifest: { name: "@mortise/core", dependencies: { msgpackr: "2" }, peerDependencies: { effect: "4", vitest: "5" } }
  },
  {
    folder: "packages/orm",
    manifest: { name: "@mortise/orm", peerDependencies: { "@mortise/core": "*", effect: "4" } }
  },
  {
    folder: "packages/transports/socket",
    manifest: {
      name: "@mortise/transport-socket",
      peerDependencies: { "@mortise/core": "*", effect: "4" },
      devDependencies: { vitest: "5" }
    }
  },
  { folder: "packages/transports/websocket", manifest: { name: "@mortise/transport-websocket" } },
  {
    folder: "packages/plugins/chat",
    manifest: { name: "@mortise/plugin-chat", peerDependencies: { "@mortise/core": "*", "@mortise/orm": "*" } }
  },
  { folder: "packages/plugins/files", manifest: { name: "@mortise/plugin-files" } },
  { folder: "packages/create-app", manifest: { name: "create-mortise", devDependencies: { effect: "4" } } },
  { folder: "templates/chat", manifest: { name: "chat", dependencies: { "@mortise/plugin-chat": "*" } } },
  { folder: "bench", manifest: { name: "@mortise/bench", dependencies: { "@mortise/core": "*" } } },
  { folder: "site", manifest: { name: "@mortise/site", devDependencies: { vitepress: "2" } } }
]

const broken = (path: string, source: string): ReadonlyArray<string> =>
  floorsBroken([{ path, source }], house).map(describe)

suite("the floors", () => {
  it("hold in this workspace", () => {
    const all = packages()
    const files = sourceFiles(all)
    expect(files.length).toBeGreaterThan(20)
    expect(floorsBroken(files, all).map(describe)).toEqual([])
  })

  it.each([
    [
      "packages/core/src/app/A.ts",
      `import * as E from "effect/Effect"\nimport { pack } from "msgpackr"\nimport "node:net"`
    ],
    ["packages/core/src/testing/vitest.ts", `import { it } from "vitest"`],
    ["packages/transports/socket/src/A.ts", `import { T } from "@mortise/core/transport/Transport"`],
    ["packages/transports/socket/test/a.test.ts", `import { it } from "vitest"\nimport "../src/internal/x.ts"`],
    ["packages/plugins/chat/src/A.ts", `import "@mortise/orm"\nimport "@mortise/core/app/Plugin"`],
    ["packages/create-app/src/A.ts", `import "effect/Effect"\nimport "node:fs"`],
    ["templates/chat/src/app.ts", `import "@mortise/plugin-chat"`],
    ["bench/run.ts", `import "@mortise/core/transport/Contract"\nimport "../scripts/workspace.ts"`],
    ["site/src/build.ts", `import "vitepress"\nimport "../../scripts/workspace.ts"`],
    ["packages/core/src/a.ts", `export const text = 'import "@mortise/orm"' // import "left-pad"`]
  ])("let %s go down", (path, source) => {
    expect(broken(path, source)).toEqual([])
  })

  it.each([
    [
      "up",
      "packages/core/src/app/A.ts",
      `import type { T } from "@mortise/transport-socket"`,
      "floor 1 (core) may not reach up to floor 2 (transports)"
    ],
    [
      "up",
      "packages/core/test/a.test.ts",
      `await import("@mortise/orm")`,
      "floor 1 (core) may not reach up to floor 2 (orm)"
    ],
    [
      "up",
      "packages/plugins/chat/src/A.ts",
      `export * from "create-mortise"`,
      "floor 3 (plugins) may not reach up to floor 4 (create-app)"
    ],
    [
      "sideways between transports",
      "packages/transports/socket/src/A.ts",
      `import "@mortise/transport-websocket/Server"`,
      "floor 2 (transports) may not reach sideways to packages/transports/websocket of floor 2 (transports)"
    ],
    [
      "sideways between plugins",
      "packages/plugins/chat/src/A.ts",
      `type X = import("@mortise/plugin-files").X`,
      "floor 3 (plugins) may not reach sideways to packages/plugins/files of floor 3 (plugins)"
    ],
    [
      "by path",
      "packages/transports/socket/src/A.ts",
      `import "../../../core/src/transport/internal/x.ts"`,
      "floor 2 (transports) reaches by path into floor 1 (core): packages/core is imported by its name"
    ],
    [
      "out of what is shipped",
      "templates/chat/src/A.ts",
      `import "../../../scripts/workspace.ts"`,
      "floor 5 (templates) reaches out of templates/chat, which is shipped alone"
    ],
    [
      "into internal",
      "packages/transports/socket/src/A.ts",
      `import "@mortise/core/transport/internal/slab"`,
      "internal/ of packages/core, floor 1 (core), is closed"
    ],
    [
      "from create-app to a runtime package",
      "packages/create-app/src/A.ts",
      `import type { P } from "@mortise/core/app/Plugin"`,
      "floor 4 (create-app) imports no runtime package, and @mortise/core/app/Plugin is one of floor 1 (core)"
    ],
    [
      "from core to a third package",
      "packages/core/src/app/A.ts",
      `const ws = require("ws")`,
      "floor 1 (core) imports only effect, msgpackr and node modules"
    ],
    [
      "to a test runner outside the adapter",
      "packages/core/src/testing/Kit.ts",
      `import { it } from "vitest"`,
      "floor 1 (core) imports only effect, msgpackr and node modules"
    ],
    [
      "to an undeclared package",
      "packages/transports/socket/src/A.ts",
      `import { it } from "vitest"`,
      "floor 2 (transports): vitest is not among the dependencies or peerDependencies of packages/transports/socket/package.json"
    ],
    [
      "from the client area to node",
      "packages/core/src/client/Client.ts",
      `import type { Socket } from "node:net"`,
      "the client area of floor 1 (core) runs in browsers and imports no node module"
    ]
  ])("are broken %s", (_, path, source, expected) => {
    const specifier = /["']([^"']+)["']/.exec(source)?.[1]
    expect(broken(path, source)).toEqual([`${path} imports "${specifier}": ${expected}`])
  })

  it("are broken by a node module that the client area reaches through another file", () => {
    const files = [
      { path: "packages/core/src/client/Client.ts", source: `import { a } from "../wire/A.ts"` },
      { path: "packages/core/src/wire/A.ts", source: `import type { T } from "./T.ts"\nexport { b } from "./B.ts"` },
      { path: "packages/core/src/wire/B.ts", source: `import "node:zlib"` },
      { path: "packages/core/src/wire/T.ts", source: `import "node:net"` }
    ]
    expect(floorsBroken(files, house).map(describe)).toEqual([
      'packages/core/src/wire/B.ts imports "node:zlib": the client area of floor 1 (core) runs in browsers and reaches a node module through ' +
        "packages/core/src/client/Client.ts → packages/core/src/wire/A.ts → packages/core/src/wire/B.ts"
    ])
  })
})

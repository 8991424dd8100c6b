import { defineConfig } from "vitest/config"
import { tagNames, tags } from "./scripts/tags.ts"

const excluded = ["**/node_modules/**", "**/dist/**", "**/.toolchain/**"]

/** `npm test -- --fast` sets this: what is not tagged must not start programs or call services. */
const guards = process.env.MORTISE_FAST === undefined ? [] : ["scripts/fastGuard.ts"]

/**
 * Two projects, one after the other: `packages` are the tests of each package, template and benchmark where they stand;
 * `workspace` are the tests of the whole, which install, pack and start things and would disturb the timing of the rest.
 */
export default defineConfig({
  // the native bindings of Vite write their caches here, so nothing appears beside the sources
  cacheDir: ".toolchain/vite",
  test: {
    /**
     * The limit of one test, in milliseconds. Nearly all end within one second; thirty are for a busy machine with two
     * cores, where a child starts in five. It is there so that a test that hangs says so; no test asserts a time. One that
     * installs or compiles a whole app states its own limit where it stands.
     */
    testTimeout: 30_000,
    hookTimeout: 60_000,
    tags: tagNames.map((name) => ({ name, description: tags[name] })),
    setupFiles: guards,
    projects: [
      {
        extends: true,
        test: {
          name: "packages",
          include: ["packages/**/test/**/*.test.ts", "templates/*/test/**/*.test.ts", "bench/**/*.test.ts"],
          exclude: excluded,
          sequence: { groupOrder: 0 }
        }
      },
      {
        extends: true,
        test: {
          name: "workspace",
          include: ["test/**/*.test.ts", "docs/**/*.test.ts"],
          exclude: excluded,
          sequence: { groupOrder: 1 }
        }
      }
    ]
  }
})

import { defineConfig } from "vitest/config"

const excluded = ["**/node_modules/**", "**/dist/**", "**/.toolchain/**"]

/**
 * Two projects, one after the other: `packages` are the tests of each package, template and benchmark where they stand;
 * `workspace` are the tests of the whole, which install, pack and start things and would disturb the timing of the rest.
 */
export default defineConfig({
  // the native bindings of Vite write their caches here, so nothing appears beside the sources
  cacheDir: ".toolchain/vite",
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
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

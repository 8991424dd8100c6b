import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import * as Schema from "effect/Schema"
import { describe, it } from "vitest"
import { eventsNats, NatsConfig } from "../src/index.ts"

const { plugins } = JSON.parse(readFileSync(new URL("../manifest.json", import.meta.url), "utf8"))

describe("manifest.json", () => {
  it("says what the plugin says", () => {
    const [entry, ...more] = plugins
    const { config, name, provides, requires } = eventsNats.manifest
    assert.deepEqual(more, [])
    assert.equal(entry.name, name)
    assert.deepEqual(
      entry.provides,
      provides.map(({ key }) => key)
    )
    assert.deepEqual(
      entry.requires,
      requires.map(({ key }) => key)
    )
    assert.notEqual(config, undefined)
  })

  it("names keys that the configuration has, with their defaults", () => {
    const defaults = Schema.decodeUnknownSync(NatsConfig)({})
    for (const { default: value, path } of plugins[0].config) {
      const [section, key = ""] = path.split(".")
      assert.equal(section, "events-nats")
      assert.ok(Object.hasOwn(NatsConfig.fields, key), path)
      assert.deepEqual(defaults[key as keyof typeof defaults], value, path)
    }
  })
})

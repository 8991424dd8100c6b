// @module-tag browser
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { wycheproofFiles } from "@mortise/core/testing/CryptoKit"
import { chromium } from "playwright-core"
import { rolldown } from "rolldown"
import { assert, describe, it, onTestFinished } from "vitest"
import { findChromium } from "../scripts/demo/chromium.ts"
import type { Kit } from "./cryptoInBrowser.entry.ts"

declare const kit: Kit

/** The pure layer and the kit as one script for a browser, and what the bundler could not leave out. */
const bundle = async (): Promise<{ readonly code: string; readonly imports: ReadonlyArray<string> }> => {
  const build = await rolldown({
    input: fileURLToPath(new URL("./cryptoInBrowser.entry.ts", import.meta.url)),
    platform: "browser"
  })
  const { output } = await build.generate({ format: "esm", codeSplitting: false })
  await build.close()
  const { code, dynamicImports, imports } = output[0]
  return { code, imports: [...imports, ...dynamicImports] }
}

/** An origin of its own on localhost: WebCrypto is only there in a secure context. */
const serve = async (code: string): Promise<string> => {
  const server = createServer((request, response) => {
    const script = request.url === "/kit.js"
    response.setHeader("content-type", script ? "text/javascript" : "text/html; charset=utf-8")
    response.end(script ? code : '<!doctype html><script type="module" src="kit.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const vectors = new URL("../packages/core/test/crypto/vectors/wycheproof/", import.meta.url)
const executablePath = findChromium()

describe("WebCrypto.layer in a browser", () => {
  it("is bundled without any module of Node", async () => {
    const { code, imports } = await bundle()
    assert.deepStrictEqual(imports, [])
    assert.notMatch(code, /\b(?:require|import)\(["']node:/)
  })

  if (typeof executablePath !== "string") {
    it(`was not run in Chromium: ${executablePath.missing}`, () => {
      console.warn(`CryptoKit was not run in Chromium: ${executablePath.missing}`)
      assert.notStrictEqual(process.env.CI, "true", executablePath.missing)
    })
    return
  }

  it("passes CryptoKit, the kits of the protocols and Wycheproof's vectors in Chromium", {
    timeout: 180_000
  }, async () => {
    const browser = await chromium.launch({
      executablePath,
      headless: true,
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    })
    onTestFinished(() => browser.close())
    const page = await browser.newPage()
    await page.goto(await serve((await bundle()).code))
    await page.waitForFunction(() => "kit" in globalThis)
    const own = await page.evaluate(() => kit.cases())
    assert.deepStrictEqual(own.failures, [])
    assert.isAbove(own.ran, 30)
    const protocols = await page.evaluate(() => kit.protocols())
    assert.deepStrictEqual(protocols.failures, [])
    assert.isAbove(protocols.ran, 60)
    for (const name of wycheproofFiles) {
      const file = JSON.parse(readFileSync(new URL(name, vectors), "utf8"))
      const outcome = await page.evaluate(([name, file]) => kit.wycheproof(name, file), [name, file] as const)
      assert.deepStrictEqual(outcome.failures, [], name)
      assert.isAbove(outcome.ran, 60, name)
    }
  })
})

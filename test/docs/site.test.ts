/** The site as people get it: built once, served, looked at in Chromium. */
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import path from "node:path"
import { type Browser, chromium, type Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { findChromium } from "../../scripts/demo/chromium.ts"
import { publicModules } from "../../site/src/api/modules.ts"
import { build } from "../../site/src/build.ts"
import { pages } from "../../site/src/pages.ts"
import { output } from "../../site/src/places.ts"
import { type Served, serve } from "../../site/src/serve.ts"

let served: Served
beforeAll(async () => {
  // `npm run docs` has built it just now
  if (process.env.MORTISE_SITE_BUILT !== "1") await build()
  served = await serve(output)
}, 600_000)
afterAll(() => {
  served?.server.closeAllConnections()
  served?.server.close()
})

const html = (route: string) => readFile(path.join(output, `${route}.html`), "utf8")

/** The text of a page without its marks, as one line. */
const textOf = (page: string) =>
  page
    .replace(/<[^>]+>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')

describe("the built site", () => {
  it("has a page for every text, decision, README and public module, and for nothing that is internal", () => {
    const routes = [...pages(), ...publicModules()].map(({ route }) => route)
    expect(routes.length).toBeGreaterThan(250)
    expect(routes.filter((route) => !existsSync(path.join(output, `${route}.html`)))).toEqual([])
    expect(existsSync(path.join(output, "api/core/app/internal"))).toBe(false)
  })

  it("shows signatures, docstrings and examples of a module", async () => {
    const page = textOf(await html("api/core/app/Plugin"))
    const shown = [
      "A plugin is one value that is manifest and proof",
      "const sqlite = Plugin.define({",
      "const override: <Base extends Any, By extends Any>(",
      "/** Lower case, dashes between words. */"
    ]
    // not toContain: a failure would print the page
    expect(shown.filter((text) => !page.includes(text))).toEqual([])
  })

  it("leads from names in signatures to their declarations", async () => {
    const links = (await html("api/core/app/Plugin")).match(
      /<a href="Contribution\.html#contribution">Contribution<\/a>/g
    )
    expect(links?.length).toBeGreaterThan(2)
  })

  it("shows no marks of blocks, and colours what has them", async () => {
    const page = await html("plugin-guide")
    expect(textOf(page).match(/file=|after=|^.*\brun import.*$/m)?.[0]).toBeUndefined()
    expect(page.match(/<p class="file"[^>]*><code[^>]*>first\.ts<\/code>/)?.length).toBe(1)
    expect(page.match(/language-ts[\s\S]{0,400}<span style="--shiki-light/)?.length).toBe(1)
  })

  it("asks no other host for anything", async () => {
    const page = await html("index")
    expect([...page.matchAll(/(?:src|href)="(https?:\/\/[^"]+)"/g)].map(([, to]) => to)).toEqual([])
  })
})

describe("the server of the site", () => {
  const get = async (at: string, method = "GET") => {
    const { status } = await fetch(new URL(at, served.url), { method })
    return status
  }

  it("serves pages with and without ending, and says what is not there", async () => {
    expect(await get("/")).toBe(200)
    expect(await get("/wire")).toBe(200)
    expect(await get("/wire.html")).toBe(200)
    expect(await get("/decisions/")).toBe(200)
    expect(await get("/gone")).toBe(404)
    expect(await get("/wire", "POST")).toBe(405)
  })

  it.each(["/..%2f..%2fpackage.json", "/%2e%2e/package.json", "/%", "/%00"])("gives nothing for %s", async (at) => {
    expect(await get(at)).toBe(404)
  })
})

const executablePath = findChromium()

describe("the site in a browser", () => {
  if (typeof executablePath !== "string") {
    it(`was not looked at in Chromium: ${executablePath.missing}`, () => {
      console.warn(`the site was not looked at in Chromium: ${executablePath.missing}`)
      expect(process.env.CI, executablePath.missing).not.toBe("true")
    })
    return
  }

  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      headless: true,
      timeout: 120_000,
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    })
  }, 180_000)
  afterAll(() => browser?.close())

  /** A page that notes what the browser complains about and whom it asks. */
  const open = async (at: string, options: { width?: number; dark?: boolean } = {}) => {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1280, height: 900 },
      colorScheme: options.dark === true ? "dark" : "light"
    })
    const page = await context.newPage()
    const complaints: Array<string> = []
    page.setDefaultTimeout(60_000)
    page.on("pageerror", (error) => complaints.push(error.message))
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text())
    })
    page.on("request", (request) => {
      const url = request.url()
      if (!url.startsWith(served.url) && !url.startsWith("data:")) complaints.push(`asks for ${url}`)
    })
    await page.goto(new URL(at, served.url).href)
    return { page, complaints, close: () => context.close() }
  }

  /** Opens the search: the button does nothing before the scripts of the page have come. */
  const search = async (page: Page, word: string) => {
    await page.waitForLoadState("networkidle")
    await page.click(".VPNavBarSearchButton")
    await page.fill("#localsearch-input", word)
  }

  it("finds a word, follows the result, and complains about nothing", { timeout: 180_000 }, async () => {
    const { close, complaints, page } = await open("/")
    expect(await page.title()).toBe("Mortise | a TypeScript framework for programs that talk")
    await search(page, "migrations")
    const first = page.locator("#localsearch-list a").first()
    await first.waitFor()
    expect(await first.getAttribute("href")).toContain("/migrations.html")
    await first.click()
    await page.waitForURL(/\/migrations\.html/)
    await page.locator("h1", { hasText: "Migrations" }).waitFor()
    expect(await page.title()).toBe("Migrations | Mortise")
    expect(complaints).toEqual([])
    await close()
  })

  it("goes from a signature to a declaration without loading anew", { timeout: 180_000 }, async () => {
    const { close, complaints, page } = await open("/api/core/app/Plugin.html")
    await page.waitForLoadState("networkidle")
    await page.locator("code a", { hasText: "Contribution" }).first().click()
    await page.waitForURL(/\/api\/core\/app\/Contribution\.html#contribution$/)
    await page.locator("h3#contribution").waitFor()
    expect(complaints).toEqual([])
    await close()
  })

  it.each([
    ["/", 390],
    ["/operations.html", 390],
    ["/api/core/app/Plugin.html", 390],
    ["/decisions/", 1280]
  ])("fits %s into %i pixels, in the dark", { timeout: 120_000 }, async (at, width) => {
    const { close, complaints, page } = await open(at, { width, dark: true })
    await page.waitForLoadState("networkidle")
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width)
    expect(await page.evaluate("document.documentElement.classList.contains('dark')")).toBe(true)
    expect(complaints).toEqual([])
    await close()
  })
})

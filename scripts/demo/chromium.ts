import { accessSync, constants, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { type BrowserContext, chromium, type Page } from "playwright-core"
import { type Peer, patience } from "./Peer.ts"

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** There is no Chromium to use; `missing` says why. */
export interface NoChromium {
  readonly missing: string
}

/**
 * A Chromium of this machine: the environment variable `CHROMIUM`, then PATH. Where the variable leads nowhere no other is
 * taken: whoever set it wants that one.
 */
export const findChromium = (env: NodeJS.ProcessEnv = process.env): string | NoChromium => {
  if (env.CHROMIUM !== undefined && env.CHROMIUM !== "") {
    if (isProgram(env.CHROMIUM)) return env.CHROMIUM
    return { missing: `CHROMIUM is ${env.CHROMIUM}, which is no program` }
  }
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "")
  const found = ["chromium", "chromium-browser", "google-chrome"]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isProgram)
  return found ?? { missing: "no Chromium found: set CHROMIUM, or put one on PATH" }
}

export interface Browser extends AsyncDisposable {
  /** Opens the page in a new tab and joins a room. */
  readonly join: (url: string, name: string, room: string) => Promise<Peer>
}

/** Starts a headless Chromium with a profile of its own, which goes with it. */
export const startBrowser = async (executablePath: string): Promise<Browser> => {
  const profile = mkdtempSync(join(tmpdir(), "mortise-demo-profile-"))
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    timeout: 60_000,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
  })
  return {
    join: async (url, name, room) => {
      const page = await context.newPage()
      const complaints: Array<string> = []
      page.on("pageerror", (error) => complaints.push(error.message))
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text())
      })
      page.setDefaultTimeout(patience)
      await page.goto(url)
      await page.fill("#name", name)
      await page.fill("#room", room)
      await page.click("#join")
      await page.waitForSelector("#chat:not([hidden])")
      return tab(page, name, complaints)
    },
    [Symbol.asyncDispose]: async () => {
      await context.close().catch(() => undefined)
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    }
  }
}

const tab = (page: Page, name: string, complaints: ReadonlyArray<string>): Peer => ({
  title: `browser tab of ${name}`,
  name,
  say: async (text) => {
    await page.fill("#message", text)
    // not a click: for that a tab in the background has to draw first, which takes it most of a second
    await page.press("#message", "Enter")
  },
  seen: async () => {
    if (complaints.length > 0) throw new Error(`the page of ${name} reports: ${complaints.join("; ")}`)
    return page.locator('#messages li[data-kind="message"] .text').allTextContents()
  },
  toldToGo: () =>
    page
      .getByText(/says goodbye/)
      .first()
      .waitFor(),
  close: () => page.close()
})

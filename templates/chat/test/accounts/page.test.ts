import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { until } from "@mortise/core/testing/until"
import * as Effect from "effect/Effect"
import { type Browser, chromium, type Page } from "playwright-core"
import { rolldown } from "rolldown"
import { findChromium } from "./chromium.ts"
import { says, stage } from "./processes.ts"

const executablePath = findChromium()
const password = "correct horse battery"

const source = (path: string): string => fileURLToPath(new URL(`../../src/browser/${path}`, import.meta.url))
const partNames = ["accounts", "sealed"]

/** What `npm run build` makes of the page's parts; kept in memory, so that no other test sees half of it. */
const bundles = Effect.promise(() =>
  Promise.all(
    partNames.map(async (name) => {
      const build = await rolldown({ input: source(`${name}.ts`), platform: "browser" })
      const { output } = await build.generate({ format: "esm", codeSplitting: false, minify: true })
      await build.close()
      return [name, output[0].code] as const
    })
  )
)

const launch = Effect.acquireRelease(
  Effect.promise(() =>
    chromium.launch({
      executablePath: executablePath as string,
      headless: true,
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    })
  ),
  (browser) => Effect.promise(() => browser.close())
)

/** A tab, what it sent, and what it complained of. */
const openTab = Effect.fnUntraced(function* (browser: Browser, url: string) {
  const parts = yield* bundles
  return yield* Effect.promise(async () => {
    const page = await browser.newPage()
    const sent: Array<string> = []
    const complaints: Array<string> = []
    page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => void sent.push(payload.toString())))
    page.on("pageerror", (error) => void complaints.push(error.message))
    page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())))
    page.setDefaultTimeout(20_000)
    const contentType = "text/javascript"
    await page.route("**/parts.json", (route) => route.fulfill({ json: parts.map(([name]) => `${name}.js`) }))
    for (const [name, body] of parts) {
      await page.route(`**/parts/${name}.js`, (route) => route.fulfill({ body, contentType }))
    }
    await page.goto(url)
    return { page, sent, complaints }
  })
})

const write = async (page: Page, text: string): Promise<void> => {
  await page.fill("#message", text)
  await page.press("#message", "Enter")
}
/** The first entry of this kind with this text, as it is shown. */
const shown = async (page: Page, kind: "whisper" | "notice", text: string): Promise<string> =>
  (await page.locator(`#messages [data-kind="${kind}"]`, { hasText: text }).first().textContent()) ?? ""

const register = async (page: Page, name: string): Promise<void> => {
  await page.click("#account summary")
  await page.fill("#account-name", name)
  await page.fill("#account-password", password)
  await page.click("#register")
  await page.waitForSelector("#signed-in:not([hidden])")
}

/** The texts of frames, and of the bytes in them. */
const readable = (frames: ReadonlyArray<string>): string =>
  frames
    .flatMap((frame) => {
      const { bytes } = JSON.parse(frame) as { readonly bytes?: string }
      return bytes === undefined ? [frame] : [frame, Buffer.from(bytes, "base64").toString("latin1")]
    })
    .join("\n")

describe("accounts and sealed whispers in the page", () => {
  if (typeof executablePath !== "string") {
    it(`were not run in Chromium: ${executablePath.missing}`, () => {
      console.warn(`The page's accounts and sealed whispers were not run in Chromium: ${executablePath.missing}`)
      assert.notStrictEqual(process.env.CI, "true", executablePath.missing)
    })
    return
  }

  it.live(
    "register, sign in again after a reload and after the server was killed, and sign out",
    () =>
      Effect.gen(function* () {
        const { serve } = yield* stage
        const first = yield* serve()
        const { complaints, page } = yield* openTab(yield* launch, first.page)
        yield* Effect.promise(async () => {
          await page.click("#account summary")
          await page.fill("#account-name", "ada")
          await page.fill("#account-password", "short")
          await page.click("#register")
          await page.getByText("A password has at least 8 characters").waitFor()
          await page.fill("#account-password", password)
          await page.click("#register")
          await page.waitForSelector("#signed-in:not([hidden])")
          assert.strictEqual(await page.inputValue("#name"), "ada")
          await page.reload()
          await page.waitForSelector("#signed-in:not([hidden])")
          await page.click("#join")
          await page.waitForSelector("#chat:not([hidden])")
          await write(page, "before the fall")
          await page.getByText("before the fall").waitFor()
        })
        first.child.kill("SIGKILL")
        yield* until("the server is gone", () => first.exit === "SIGKILL")
        yield* serve(new URL(first.page).port)
        yield* Effect.promise(async () => {
          // the name is an account's: it can only be taken by whoever has signed in again
          await page.locator("#status", { hasText: "Connected" }).waitFor()
          await write(page, "and after it")
          await page.getByText("and after it").waitFor()
          await page.click("#side >> text=Sign out")
          await page.waitForSelector("#welcome:not([hidden])")
          await page.click("#join")
          await page.getByText("This name belongs to an account. Sign in to use it.").waitFor()
          await page.click("#account summary")
          await page.fill("#account-name", "ada")
          await page.fill("#account-password", "a wrong password")
          await page.click("#login")
          await page.getByText("The name or the password is wrong").waitFor()
          assert.strictEqual(await page.inputValue("#account-password"), "a wrong password", "to be mended")
          await page.click("#register")
          await page.getByText("Somebody else has this name").waitFor()
          const typed = [await page.inputValue("#account-name"), await page.inputValue("#account-password")]
          assert.deepStrictEqual(typed, ["ada", "a wrong password"])
          await page.reload()
          await page.waitForSelector("#account:not([hidden])")
        })
        // what the browser says of a server that is not there is none of the page's
        const own = complaints.filter((complaint) => !complaint.includes("WebSocket connection"))
        assert.deepStrictEqual(own, [])
      }),
    60_000
  )

  it.live(
    "pass between a tab and a terminal, and neither the server nor its disk sees them",
    () =>
      Effect.gen(function* () {
        const { onDisk, seen, serve, terminal } = yield* stage
        const server = yield* serve()
        const { complaints, page, sent } = yield* openTab(yield* launch, server.page)
        const bob = yield* terminal("bob")
        yield* says(bob, "#lobby, here:")
        yield* Effect.promise(async () => {
          await register(page, "ada")
          await page.click("#join")
          await page.waitForSelector("#chat:not([hidden])")
          await write(page, "/msg bob the treasure is under the oak")
          assert.include(await shown(page, "whisper", "treasure"), "private, sealed")
        })
        yield* says(bob, "ada to you alone, sealed: the treasure is under the oak")
        bob.type("/msg ada which oak, there are two")
        yield* Effect.promise(async () => {
          assert.include(await shown(page, "whisper", "which oak"), "private, sealed")
          await write(page, "/plain bob a plain word")
          await write(page, "said to all")
          await write(page, "/fingerprint bob")
        })
        yield* says(bob, "ada to you alone, not sealed: a plain word")
        yield* says(bob, "ada: said to all")
        bob.type("/fingerprint ada")
        yield* says(bob, "Safety number with ada: ")
        const number = /Safety number with \w+: ((?:\d{5} ?){12})/
        const told = yield* Effect.promise(() => shown(page, "notice", "Safety number with bob"))
        assert.strictEqual(number.exec(told)?.[1]?.trim(), number.exec(bob.text)?.[1]?.trim())

        // a reload keeps the keys: nobody is told of others
        yield* Effect.promise(async () => {
          await page.reload()
          await page.waitForSelector("#signed-in:not([hidden])")
          await page.click("#join")
          await page.waitForSelector("#chat:not([hidden])")
          await write(page, "/msg bob the same as before")
        })
        yield* says(bob, "ada to you alone, sealed: the same as before")
        bob.type("/plain ada not hidden")
        yield* Effect.promise(async () =>
          assert.include(await shown(page, "whisper", "not hidden"), "private, not sealed")
        )

        const traces = [
          server.text,
          onDisk().toString("latin1"),
          readable(sent),
          Buffer.concat(seen.sent).toString("latin1")
        ]
        for (const trace of traces) {
          assert.notInclude(trace, "treasure")
          assert.notInclude(trace, "under the")
          assert.notInclude(trace, "the same as before")
        }
        // and the searches find what is there to be found
        assert.include(traces[1], "said to all")
        assert.include(traces[2], "a plain word")
        assert.include(traces[3], "not hidden")
        assert.deepStrictEqual(complaints, [])
      }),
    60_000
  )
})

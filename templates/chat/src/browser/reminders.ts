/// <reference lib="dom" />
/** Reminders in the page: `/remind MINUTES TEXT`. */
import { help, parse, usage } from "../reminders/command.ts"
import type { Page } from "./Page.ts"

export const start = (page: Page): void =>
  page.command("remind", help, async (rest) => {
    const wanted = parse(rest)
    if (wanted === undefined) return page.notice(usage)
    const at = await page.server.request("reminders.remind", wanted)
    page.notice(`It will be said at ${page.timeOf(new Date(String(at)))}.`)
  })

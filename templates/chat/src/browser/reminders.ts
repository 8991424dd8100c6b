/// <reference lib="dom" />
/** Reminders in the page: `/remind MINUTES TEXT`. */
import type { Page } from "./Page.ts"

interface Reminded {
  readonly room: string
  readonly name: string
  readonly text: string
}

export const start = (page: Page): void => {
  page.onEvent("reminders.reminded", (payload) => {
    const { name, room, text } = payload as Reminded
    if (room === page.me()?.room) page.notice(`${name} wanted this said: ${text}`)
  })
  page.command("remind", "/remind MINUTES TEXT", async (rest) => {
    const [, minutes, text] = /^(\d+)\s+(.+)$/s.exec(rest) ?? []
    if (text === undefined) return page.notice("/remind MINUTES TEXT")
    const at = await page.server.request("reminders.remind", { minutes: Number(minutes), text })
    page.notice(`It will be said at ${new Date(String(at)).toTimeString().slice(0, 5)}.`)
  })
}

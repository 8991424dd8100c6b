/// <reference lib="dom" />
/**
 * Accounts in the page: a form on the first screen, and who is signed in beside the rooms.
 *
 * The session's token is in `sessionStorage`: a reload keeps it, closing the tab ends it, and another tab may be somebody
 * else. A name is in use once anyway, so there is nothing to share between tabs.
 */
import type { Page } from "./Page.ts"

interface LoggedIn {
  readonly name: string
  readonly token: string
}

const tokenKey = "session"
const device = "page"

const element = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: ReadonlyArray<Node | string>
): HTMLElementTagNameMap[K] => {
  const made = Object.assign(document.createElement(tag), properties)
  made.append(...children)
  return made
}
const isSame = (one: string, other: string): boolean =>
  one.normalize("NFKC").toLowerCase() === other.normalize("NFKC").toLowerCase()
const byId = (id: string): HTMLElement | null => document.getElementById(id)

const makeForm = () => {
  const name = element("input", {
    id: "account-name",
    required: true,
    maxLength: 24,
    autocomplete: "username",
    autocapitalize: "off",
    spellcheck: false
  })
  const password = element("input", {
    id: "account-password",
    type: "password",
    required: true,
    maxLength: 1000,
    autocomplete: "current-password"
  })
  const problem = element("p", { id: "account-problem", role: "alert" })
  for (const field of [name, password]) field.setAttribute("aria-describedby", problem.id)
  const register = element("button", { id: "register", type: "button" }, "Register")
  const login = element("button", { id: "login", type: "submit" }, "Sign in")
  const form = element(
    "form",
    { id: "account-form" },
    element("p", { className: "about" }, "A name with an account is yours alone."),
    element("label", { htmlFor: name.id }, "Name"),
    name,
    element("label", { htmlFor: password.id }, "Password"),
    password,
    problem,
    element("p", { className: "buttons" }, login, register)
  )
  return { form, name, password, problem, register }
}

export const start = (page: Page): void => {
  const { form, name, password, problem, register } = makeForm()
  const closed = element("details", { id: "account" }, element("summary", {}, "Sign in, or register"), form)
  const open = element("p", { id: "signed-in", hidden: true })
  page.welcome(element("section", { id: "account-card", ariaLabel: "Account" }, closed, open))
  const beside = element("section", { hidden: true }, element("h2", {}, "Account"))
  byId("side")?.append(beside)

  const leave = () => element("button", { type: "button", onclick: () => void logout() }, "Sign out")
  let signedIn: string | undefined
  /** Shows who is signed in; nobody, if undefined. */
  const draw = (who: string | undefined): void => {
    signedIn = who
    closed.hidden = who !== undefined
    closed.open = false
    open.hidden = who === undefined
    beside.hidden = who === undefined
    beside.querySelector("p")?.remove()
    if (who === undefined) return
    open.replaceChildren(element("span", {}, "Signed in as ", element("bdi", { className: "name" }, who)), leave())
    beside.append(element("p", {}, element("bdi", { className: "name" }, who), leave()))
    page.setName(who)
  }
  const forget = (): void => {
    sessionStorage.removeItem(tokenKey)
    draw(undefined)
  }

  const enter = async (request: "accounts.login" | "accounts.register"): Promise<void> => {
    problem.textContent = ""
    if (!form.reportValidity()) return
    try {
      const payload = { name: name.value.trim(), password: password.value, device }
      const loggedIn = (await page.server.request(request, payload)) as LoggedIn
      sessionStorage.setItem(tokenKey, loggedIn.token)
      password.value = ""
      draw(loggedIn.name)
      byId("problem")?.replaceChildren()
      byId("join")?.focus()
    } catch (error) {
      problem.textContent = page.explain(error)
      // what was typed stays; what is probably wrong of it is selected
      const isTaken = error instanceof Error && "tag" in error && error.tag === "NameTaken"
      ;(isTaken ? name : password).select()
    }
  }
  /** Whoever signs out here need not be told that the name is lost. */
  let leaving = false
  const logout = async (): Promise<void> => {
    leaving = true
    try {
      await page.server.request("accounts.logout")
      forget()
    } catch (error) {
      page.notice(`Not signed out: ${page.explain(error)}`)
    } finally {
      leaving = false
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault()
    void enter("accounts.login")
  })
  register.addEventListener("click", () => void enter("accounts.register"))
  page.command("logout", "/logout", logout)

  // the room is left when the session ends, here or elsewhere
  page.onEvent("names.lost", (payload) => {
    const { name } = payload as { readonly name: string }
    // a name without an account may be lost as well, to whoever makes one of it
    if (signedIn !== undefined && isSame(signedIn, name)) forget()
    const told = `${name} is not yours any more: sign in to use it, or take another name.`
    byId("problem")?.replaceChildren(leaving ? "" : told)
    byId("welcome")?.removeAttribute("hidden")
    byId("chat")?.setAttribute("hidden", "")
  })
  page.onOpen(async () => {
    const token = sessionStorage.getItem(tokenKey)
    if (token === null) return
    try {
      const { name } = (await page.server.request("accounts.resume", { token })) as { readonly name: string }
      draw(name)
    } catch (error) {
      // a server that does not answer just now has not said no
      if (error instanceof Error && "tag" in error && error.tag === "InvalidCredentials") forget()
    }
  })
  document.head.append(element("link", { rel: "stylesheet", href: "accounts.css" }))
}

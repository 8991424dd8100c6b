/** Draws. Everything that people wrote goes in as text, never as markup. */
import { timeOf } from "./time.js"

/** An element with classes, attributes and children; children that are strings become text. */
export const make = (tag, { className, ...attributes } = {}, ...children) => {
  const element = document.createElement(tag)
  if (className) element.className = className
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/** A colour for a name: always the same one. */
const hueOf = (name) => {
  let hash = 7
  for (const character of name.toLowerCase()) hash = (hash * 31 + character.codePointAt(0)) % 9973
  // the golden angle keeps neighbours apart
  return (hash * 137.508) % 360
}
const nameOf = (name) => {
  // names may be written from right to left; bdi keeps that from turning what stands beside them
  const element = make("bdi", { className: "name" }, name)
  element.style.setProperty("--hue", hueOf(name))
  return element
}

/** Messages of one person within this time stand together under one name. */
const TOGETHER = 5 * 60_000
const MOST_ENTRIES = 500

/** The list of messages. Stays at its end as long as the reader is there, and says so when he is not. */
export const makeLog = (list, newer) => {
  let entries = []
  const isAtEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < 40
  const toEnd = () => {
    list.scrollTop = list.scrollHeight
    newer.hidden = true
  }
  // whoever has no mouse scrolls with the arrow keys
  list.tabIndex = 0
  newer.addEventListener("click", toEnd)
  list.addEventListener("scroll", () => isAtEnd() && (newer.hidden = true))
  // a window that shrinks, as with the keyboard of a phone, must not hide the last message
  let wasAtEnd = true
  list.addEventListener("scroll", () => (wasAtEnd = isAtEnd()))
  new ResizeObserver(() => wasAtEnd && toEnd()).observe(list)

  const itemOf = (entry, before) => {
    const { at, kind, name, text, to } = entry
    if (kind === "notice") return make("li", { "data-kind": kind }, text)
    const follows =
      kind === "message" &&
      before?.kind === kind &&
      before.name === name &&
      at.getTime() - before.at.getTime() < TOGETHER
    const whom = to === undefined ? [] : [" → ", nameOf(to)]
    const mark = kind === "whisper" ? [make("span", { className: "mark" }, entry.mark)] : []
    return make(
      "li",
      { "data-kind": kind, className: [entry.mine ? "mine" : "", follows ? "follows" : ""].join(" ").trim() },
      make(
        "p",
        { className: "head" },
        nameOf(name),
        ...whom,
        " ",
        ...mark,
        " ",
        make("time", { datetime: at.toISOString() }, timeOf(at))
      ),
      make("p", { className: "text", dir: "auto" }, text)
    )
  }

  return {
    add: (entry) => {
      const follow = isAtEnd() || entry.mine
      list.append(itemOf(entry, entries.at(-1)))
      entries.push(entry)
      if (entries.length > MOST_ENTRIES) {
        entries.shift()
        list.firstElementChild.remove()
      }
      if (follow) toEnd()
      else newer.hidden = false
    },
    /**
     * Shows what the room remembers. What no server remembers stays: private messages, and in the same room everything,
     * so that nothing disappears when a server has restarted.
     */
    replace: (history, isSameRoom) => {
      const known = new Set(history.map(({ key }) => key))
      const kept = entries.filter(({ key, kind }) => kind === "whisper" || (isSameRoom && !known.has(key)))
      entries = [...kept, ...history].sort((a, b) => a.at - b.at).slice(-MOST_ENTRIES)
      list.replaceChildren(...entries.map((entry, i) => itemOf(entry, entries[i - 1])))
      toEnd()
    }
  }
}

/** Who is here; a press on somebody begins a private message. */
export const drawPeople = (list, names, me, onChoose) => {
  list.replaceChildren(
    ...names.map((name) => {
      if (name === me) return make("li", {}, make("span", { className: "me" }, nameOf(name), " (you)"))
      const button = make("button", { type: "button", title: `Write to ${name} in private` }, nameOf(name))
      button.addEventListener("click", () => onChoose(name))
      return make("li", {}, button)
    })
  )
}

export const drawRooms = (list, rooms, current, onChoose) => {
  list.replaceChildren(
    ...rooms.map(({ members, room }) => {
      const label = `Room ${room}, ${members} ${members === 1 ? "person" : "people"}`
      const count = make("span", { className: "count" }, String(members))
      const button = make("button", { type: "button", "aria-label": label }, `#${room}`, count)
      if (room === current) button.setAttribute("aria-current", "true")
      button.addEventListener("click", () => onChoose(room))
      return make("li", {}, button)
    })
  )
}

/** "ada is typing …" for a few seconds after each sign of it. */
export const makeTyping = (place) => {
  const timers = new Map()
  const draw = () => {
    const names = [...timers.keys()]
    place.textContent =
      names.length === 0
        ? ""
        : names.length > 3
          ? "Several people are typing …"
          : `${names.join(", ")} ${names.length === 1 ? "is" : "are"} typing …`
  }
  const forget = (name) => {
    clearTimeout(timers.get(name))
    if (timers.delete(name)) draw()
  }
  return {
    forget,
    clear: () => [...timers.keys()].forEach(forget),
    saw: (name) => {
      clearTimeout(timers.get(name))
      timers.set(
        name,
        setTimeout(() => forget(name), 5_000)
      )
      draw()
    }
  }
}

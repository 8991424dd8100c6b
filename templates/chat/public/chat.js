import { timeOf } from "./time.js"
import { drawPeople, drawRooms, makeLog, makeTyping } from "./view.js"
import { connect } from "./wire.js"

const find = (id) => document.getElementById(id)
const [nameField, roomField, messageField] = ["name", "room", "message"].map(find)
const log = makeLog(find("messages"), find("newer"))
const typing = makeTyping(find("typing"))
const title = document.title

/** Name and room, once the server has agreed to them. */
let me
let people = []
/** To whom the next message goes in private. */
let whisperTo
let unread = 0
/** What parts of the app added: commands by name, events by name, and how a whisper is sealed and opened. */
const commands = new Map()
const partEvents = new Map()
const opened = []
let sealing
/** When the room was last told that somebody types here. */
let toldAt = 0

const notice = (text) => log.add({ kind: "notice", at: new Date(), text })
const status = (text, isFine = false) => {
  find("status").textContent = text
  find("status").dataset.fine = isFine
}
const explain = (error) => {
  if (error.tag === "NameTaken") return "Somebody else has this name. Choose another one."
  if (error.tag === "NameReserved") return "This name belongs to an account. Sign in to use it."
  if (error.tag === "NotJoined") return "Join a room first."
  if (error.tag === "RoomFull") return "This room is full."
  if (error.tag === "HistoryUnavailable") return "The server cannot keep messages just now. Try again in a while."
  if (error.code === "NO_RECIPIENT") return "There is nobody with this name here."
  // a long way to say where; what was expected is enough here
  if (error.code === "BAD_PAYLOAD") return error.message.replace(/^.*(?=Expected )/s, "")
  return error.message
}

// --- rooms and people --------------------------------------------------------------------------------------------------

const showPeople = () => drawPeople(find("people"), people, me.name, startWhisper)
const showRooms = async () => {
  const rooms = await server.request("chat.rooms").catch(() => undefined)
  if (rooms) drawRooms(find("rooms"), rooms, me.room, move)
}
const present = (names) => {
  people = names
  showPeople()
  void showRooms()
}

/** Takes a name and enters a room; fails with what the server says against it. */
const enter = async (name, room) => {
  const { history, members } = await server.request("chat.join", { name, room })
  const isSameRoom = me?.room === room
  me = { name, room }
  log.replace(history.map(messageOf), isSameRoom)
  typing.clear()
  present(members)
  status("Connected", true)
  find("place").textContent = `#${room}`
  for (const id of ["place", "menu", "chat"]) find(id).hidden = false
  find("welcome").hidden = true
  window.history.replaceState(null, "", `#${room}`)
}

const move = async (room) => {
  closeMenu()
  try {
    if (room !== me.room) await enter(me.name, room)
    messageField.focus()
  } catch (error) {
    notice(`Could not go to #${room}: ${explain(error)}`)
  }
}

/** After a lost connection the server may not have noticed yet, and keep the name for the old one. */
const comeBack = async (triesLeft = 6) => {
  try {
    await enter(me.name, me.room)
  } catch (error) {
    if (error.tag === "NameTaken" && triesLeft > 0) return void setTimeout(comeBack, 2_000, triesLeft - 1)
    if (error.tag === undefined) return
    find("problem").textContent = explain(error)
    find("welcome").hidden = false
    find("chat").hidden = true
  }
}

// --- what the server tells ---------------------------------------------------------------------------------------------

const messageOf = ({ at, id, name, text }) => ({
  kind: "message",
  // ids begin anew when the server restarts
  key: `${id} ${at}`,
  at: new Date(at),
  name,
  text,
  mine: name === me.name
})

const show = (entry) => {
  log.add(entry)
  if (!document.hidden || entry.mine) return
  document.title = `(${++unread}) ${title}`
}

const events = {
  "chat.message": (message) => {
    typing.forget(message.name)
    show(messageOf(message))
  },
  "chat.joined": ({ name }) => {
    notice(`${name} joined`)
    present([...people, name])
  },
  "chat.left": ({ name }) => {
    typing.forget(name)
    notice(`${name} left`)
    present(people.filter((other) => other !== name))
  },
  "chat.typing": ({ name }) => typing.saw(name)
}

const server = connect(new URL("ws", location.href.replace(/^http/, "ws")), {
  open: () => {
    find("join").disabled = false
    // whoever was signed in has to be so again before the name can be taken
    const ready = Promise.all(opened.map((tell) => tell()))
    if (me) void ready.then(() => comeBack())
    else status("Connected", true)
  },
  lost: (millis) => {
    find("join").disabled = true
    status(`Connection lost; next try in ${Math.ceil(millis / 1000)} s`)
  },
  goingAway: (reason) => me && notice(`The server says goodbye: ${reason}`),
  event: (name, payload) => {
    if (partEvents.has(name)) partEvents.get(name)(payload)
    // what was sent to a room that this page has just left comes too late
    else if (me?.room === payload.room) events[name]?.(payload)
  },
  relay: (_, name, bytes) => void hear(name, bytes)
})

// --- writing -----------------------------------------------------------------------------------------------------------

const startWhisper = (name) => {
  whisperTo = name
  find("private").textContent = `Private to ${name} ✕`
  find("private").setAttribute("aria-label", `Private to ${name}. Press to write to the room again.`)
  find("private").hidden = false
  closeMenu()
  messageField.focus()
}
const endWhisper = () => {
  whisperTo = undefined
  find("private").hidden = true
  messageField.focus()
}

/** How a whisper is marked: nothing is said of sealing where nothing can be sealed. */
const markOf = (isSealed) => (isSealed ? "private, sealed" : sealing ? "private, not sealed" : "private")

const whisper = async (name, text) => {
  await loaded
  const sealed = await sealing?.seal(name, text)
  await server.relay("chat.whisper", name, sealed ?? new TextEncoder().encode(text))
  show({ kind: "whisper", at: new Date(), name: me.name, text, to: name, mine: true, mark: markOf(sealed) })
}

/** A whisper that came. What opens sealed ones tells whether this was one; an answer without text is not shown. */
const hear = async (name, bytes) => {
  try {
    await loaded
    const opened = await sealing?.open(name, bytes)
    const text = opened === undefined ? new TextDecoder().decode(bytes) : opened.text
    if (text === undefined) return
    show({ kind: "whisper", at: new Date(), name, text: text.slice(0, 2000), to: me.name, mark: markOf(opened) })
  } catch (error) {
    notice(`A private message of ${name} could not be opened: ${explain(error)}`)
  }
}

/** The commands of the terminal client work here too, so that a private word is never said aloud by mistake. */
const submit = async (text) => {
  const [, command, rest = ""] = /^\/(\w+)\s*(.*)$/s.exec(text) ?? []
  const [, name, words] = /^(\S+)\s+(.+)$/s.exec(rest) ?? []
  if (command === "msg" && words) return whisper(name, words)
  if (command === "room" && rest) return move(roomOf(rest))
  if (command === "who") return notice(`Here: ${people.join(", ")}`)
  if (commands.has(command)) return commands.get(command).run(rest)
  const added = [...commands.values()].map(({ help }) => help)
  if (command) return notice(`The commands are ${["/msg NAME TEXT", "/room NAME", ...added].join(", ")} and /who.`)
  if (whisperTo) return whisper(whisperTo, text)
  await server.request("chat.say", { text })
}

const send = async () => {
  const text = messageField.value.trim()
  if (text === "") return
  messageField.value = ""
  toldAt = 0
  grow()
  try {
    await submit(text)
  } catch (error) {
    notice(`Not sent: ${explain(error)}`)
    // nothing that was written is lost
    if (messageField.value === "") messageField.value = text
    grow()
  }
}

const grow = () => {
  messageField.style.height = "auto"
  messageField.style.height = `${messageField.scrollHeight + 2}px`
}

const tellTyping = () => {
  if (whisperTo || messageField.value === "" || messageField.value.startsWith("/")) return
  if (Date.now() - toldAt < 3_000) return
  toldAt = Date.now()
  server.signal("chat.type")
}

// --- what people press -------------------------------------------------------------------------------------------------

const roomOf = (text) => text.trim().toLowerCase().replace(/^#/, "").replace(/\s+/g, "-")
const openMenu = (isOpen) => {
  document.body.classList.toggle("menu", isOpen)
  find("menu").setAttribute("aria-expanded", String(isOpen))
}
const closeMenu = () => openMenu(false)

find("welcome-form").addEventListener("submit", async (event) => {
  event.preventDefault()
  find("problem").textContent = ""
  const name = nameField.value.trim()
  try {
    await enter(name, roomOf(roomField.value))
    remember(name)
    messageField.focus()
  } catch (error) {
    find("problem").textContent = explain(error)
    nameField.focus()
  }
})
find("composer").addEventListener("submit", (event) => {
  event.preventDefault()
  void send()
})
messageField.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && whisperTo) endWhisper()
  // while an input method composes a word, Enter chooses it
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return
  event.preventDefault()
  void send()
})
messageField.addEventListener("input", () => {
  grow()
  tellTyping()
})
find("private").addEventListener("click", endWhisper)
find("room-form").addEventListener("submit", (event) => {
  event.preventDefault()
  void move(roomOf(find("other-room").value))
  event.target.reset()
})
find("menu").addEventListener("click", () => openMenu(!document.body.classList.contains("menu")))
addEventListener("keydown", (event) => event.key === "Escape" && closeMenu())
addEventListener("hashchange", () => me && location.hash.length > 1 && move(roomOf(location.hash)))
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return
  unread = 0
  document.title = title
})

/** The name is there next time, where the browser allows that. */
const remember = (name) => {
  try {
    localStorage.setItem("name", name)
  } catch {}
}
try {
  nameField.value = localStorage.getItem("name") ?? ""
} catch {}
if (location.hash.length > 1) roomField.value = roomOf(location.hash)
nameField.focus()

// --- parts of the app ---------------------------------------------------------------------------------------------------

/** What a part may use: each is a module whose `start` is called once, see `src/browser/`. */
const page = {
  server,
  notice,
  explain,
  timeOf,
  me: () => me,
  setName: (name) => (nameField.value = name),
  /** Called after each handshake: a new connection knows nothing of what was said on the old one. */
  onOpen: (tell) => {
    opened.push(tell)
    if (!find("join").disabled) tell()
  },
  onEvent: (name, tell) => partEvents.set(name, tell),
  /** `/name …`, with how it is written. */
  command: (name, help, run) => commands.set(name, { help, run }),
  /** `seal(name, text)` gives bytes, `open(name, bytes)` gives `{ text }`, or either gives undefined. */
  sealWith: (by) => (sealing = by),
  /** A place on the first screen, above the form. */
  welcome: (element) => find("welcome").prepend(element)
}
/** Until all are there nothing is whispered, and none is shown: one of them may seal. */
const loaded = fetch("parts.json")
  .then((response) => response.json())
  .then((parts) => Promise.all(parts.map((part) => import(`./parts/${part}`))))
  .then((parts) => parts.forEach((part) => part.start(page)))

/**
 * A client of the JSON wire over the platform's WebSocket. It connects again when the connection is lost: after a pause
 * that doubles up to a bound and has a random part, so that not all pages come back in the same moment.
 */

const SHORTEST_PAUSE = 500
const LONGEST_PAUSE = 15_000
/** Silence after which the server is asked for a sign of life, and after which the connection counts as lost. */
const PING_AFTER = 20_000
const LOST_AFTER = 45_000

/** An answer that is an error: `tag` names one that the contract declares, `code` a fault of the server. */
export class Refused extends Error {
  constructor({ error, fault }) {
    super(fault?.message ?? error?.message ?? error?._tag ?? "The connection was lost")
    this.tag = error?._tag
    this.code = fault?.code
  }
}

/**
 * `on.open()` after each handshake, `on.lost(milliseconds)` with the pause until the next try, `on.goingAway(reason)`,
 * `on.event(name, payload)`, `on.relay(name, from, bytes)`.
 */
export const connect = (url, on) => {
  const waiting = new Map()
  let socket
  let lastId = 0
  let failures = 0
  let heardAt = 0
  let awayFor = 0
  let timer

  const send = (envelope) => {
    if (socket?.readyState !== WebSocket.OPEN) return false
    socket.send(JSON.stringify(envelope))
    return true
  }

  const receive = (envelope) => {
    heardAt = Date.now()
    const { kind, payload } = envelope
    if (kind === "response") {
      const waiter = waiting.get(envelope.id)
      waiting.delete(envelope.id)
      if (envelope.error || envelope.fault) waiter?.reject(new Refused(envelope))
      else waiter?.resolve(payload)
    } else if (kind === "event") on.event(envelope.name, payload)
    else if (kind === "relay") on.relay(envelope.name, envelope.from, bytesOf(envelope.bytes))
    else if (kind === "hello") {
      failures = 0
      awayFor = 0
      on.open()
    } else if (kind === "control" && payload.type === "ping") {
      send({ kind, payload: { type: "pong", token: payload.token } })
    } else if (kind === "control" && payload.type === "goaway") {
      awayFor = payload.retryAfterMillis
      on.goingAway(payload.reason)
    }
  }

  const open = () => {
    clearTimeout(timer)
    heardAt = Date.now()
    const mine = new WebSocket(url, "mortise.v1.json")
    socket = mine
    mine.onopen = () => send({ kind: "hello", payload: { min: 1, max: 1 } })
    mine.onmessage = ({ data }) => receive(JSON.parse(data))
    mine.onclose = () => lose(mine)
  }

  const lose = (lost) => {
    if (lost !== socket) return
    socket = undefined
    for (const { reject } of waiting.values()) reject(new Refused({}))
    waiting.clear()
    const pause = Math.min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** failures++)
    const millis = awayFor + pause * (0.5 + Math.random() / 2)
    on.lost(millis)
    timer = setTimeout(open, millis)
  }

  // a connection can be dead without anybody being told: a laptop that slept, a router that forgot
  setInterval(() => {
    const silence = Date.now() - heardAt
    if (socket === undefined || silence < PING_AFTER) return
    if (silence < LOST_AFTER) return void send({ kind: "control", payload: { type: "ping" } })
    const dead = socket
    dead.close()
    lose(dead)
  }, 5_000)
  addEventListener("online", () => socket === undefined && open())
  open()

  return {
    /** Succeeds with the answer's payload; fails with `Refused`. */
    request: (name, payload) => {
      const id = (lastId = (lastId % 0xffffffff) + 1)
      return new Promise((resolve, reject) => {
        if (!send({ kind: "request", id, name, payload })) return reject(new Refused({}))
        waiting.set(id, { resolve, reject })
      })
    },
    signal: (name, payload) => void send({ kind: "signal", name, payload }),
    /** Succeeds with the number of those who got the bytes; fails with `Refused`. */
    relay: (name, to, bytes) => {
      const id = (lastId = (lastId % 0xffffffff) + 1)
      return new Promise((resolve, reject) => {
        if (!send({ kind: "relay", id, name, to, bytes: base64Of(bytes) })) return reject(new Refused({}))
        waiting.set(id, { resolve, reject })
      })
    }
  }
}

const base64Of = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))

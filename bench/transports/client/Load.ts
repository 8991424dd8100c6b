import { isDeepStrictEqual } from "node:util"
import { cpuTime } from "../../process/cpuTime.ts"
import { IN_FLIGHT } from "../cases.ts"
import { payload as makePayload } from "../Payload.ts"
import type { Address } from "../subjects.ts"
import { type Dialogue, unexpected } from "./Dialogue.ts"
import type { Peer } from "./Peer.ts"

/** Ids have the same number of digits, so that all requests are of one length, and so are all answers. */
const FIRST_ID = 1000
const IDS = 1000
/** Part of a window that passes before measuring starts. */
const LEAD_IN = 0.2
/** A window lasts longer where a machine that is busy otherwise lets fewer messages through. */
const MIN_MESSAGES = 2_000
const MAX_WINDOW_MILLIS = 5_000
const DRAIN_MILLIS = 10_000

/** What a window measured. */
export interface Measured {
  readonly messages: number
  readonly serverCpuNanos: number
  readonly seconds: number
}

/** Requests encoded beforehand, in a ring: an id comes again only after all others. */
class Ring {
  private readonly bytes: Buffer
  private readonly size: number

  constructor(request: (id: number) => Buffer) {
    const requests = Array.from({ length: IDS }, (_, i) => request(FIRST_ID + i))
    this.size = (requests[0] as Buffer).length
    if (requests.some((bytes) => bytes.length !== this.size)) throw new Error("The requests differ in length")
    this.bytes = Buffer.concat([...requests, ...requests.slice(0, IN_FLIGHT)])
  }

  /** `count` requests from the `at`-th on, at most as many as may be in flight. */
  take(at: number, count: number): Buffer {
    return this.bytes.subarray(at * this.size, (at + count) * this.size)
  }
}

/** One connection that keeps its requests in flight while a window lasts. */
class Connection {
  answered = 0
  private readonly peer: Peer
  private readonly ring: Ring
  private at = 0
  private inFlight = 0
  private fresh = 0
  private running = false
  private drained: () => void = () => {}

  constructor(peer: Peer, dialogue: Dialogue, ring: Ring, answerBytes: number) {
    this.peer = peer
    this.ring = ring
    peer.onFrame = (bytes, start, end) => {
      if (end - start === answerBytes) this.fresh++
      else dialogue.onOther(peer, Buffer.from(bytes.subarray(start, end)))
    }
    peer.onChunk = () => {
      const count = this.fresh
      if (count === 0) return
      this.fresh = 0
      this.answered += count
      this.inFlight -= count
      if (this.running) this.send(count)
      else if (this.inFlight === 0) this.drained()
    }
  }

  start(): void {
    this.running = true
    this.send(IN_FLIGHT)
  }

  /** Asks no more; resolves once everything asked for has been answered. */
  stop(): Promise<void> {
    this.running = false
    return new Promise((resolve) => {
      this.drained = resolve
      if (this.inFlight === 0) resolve()
    })
  }

  private send(count: number): void {
    this.inFlight += count
    this.peer.socket.write(this.ring.take(this.at, count))
    this.at = (this.at + count) % IDS
  }
}

const sleep = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))

/** A server under load, from open connections with everything encoded beforehand. */
export class Load {
  private readonly connections: ReadonlyArray<Connection>
  private readonly lost: Promise<never>
  private readonly serverPid: number

  private constructor(connections: ReadonlyArray<Connection>, lost: Promise<never>, serverPid: number) {
    this.connections = connections
    this.lost = lost
    this.serverPid = serverPid
  }

  /** Connects, and checks that the server echoes what it is sent. */
  static async open(
    dialogue: Dialogue,
    address: Address,
    serverPid: number,
    connections: number,
    payloadBytes: number
  ): Promise<Load> {
    const payload = makePayload(payloadBytes)
    const { promise: lost, reject } = Promise.withResolvers<never>()
    lost.catch(() => {})
    const made: Array<Connection> = []
    let ring: Ring | undefined
    for (let i = 0; i < connections; i++) {
      const peer = await dialogue.connect(address)
      ring ??= new Ring((id) => dialogue.request(peer, id, payload))
      peer.socket.write(ring.take(0, 1))
      let frame = await peer.next()
      let answer = dialogue.read(frame)
      while (answer === undefined) {
        frame = await peer.next()
        answer = dialogue.read(frame)
      }
      if (answer.id !== FIRST_ID || !isDeepStrictEqual(answer.payload, payload)) throw unexpected(frame)
      peer.onLost = (why) => reject(new Error(why))
      made.push(new Connection(peer, dialogue, ring, frame.length))
    }
    return new Load(made, lost, serverPid)
  }

  /** Keeps all connections busy for `millis` milliseconds, and leaves the server idle again. */
  async run(millis: number): Promise<Measured> {
    for (const connection of this.connections) connection.start()
    await Promise.race([sleep(millis * LEAD_IN), this.lost])
    const before = this.sample()
    await Promise.race([sleep(millis * (1 - LEAD_IN)), this.lost])
    let after = this.sample()
    while (
      after.messages - before.messages < MIN_MESSAGES &&
      after.seconds - before.seconds < MAX_WINDOW_MILLIS / 1000
    ) {
      await Promise.race([sleep(millis / 4), this.lost])
      after = this.sample()
    }
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`Requests stay without an answer for ${DRAIN_MILLIS / 1000} s`)),
        DRAIN_MILLIS
      )
    })
    await Promise.race([Promise.all(this.connections.map((connection) => connection.stop())), late, this.lost])
    clearTimeout(timer)
    return {
      messages: after.messages - before.messages,
      serverCpuNanos: after.cpu - before.cpu,
      seconds: after.seconds - before.seconds
    }
  }

  private sample(): { readonly messages: number; readonly cpu: number; readonly seconds: number } {
    let messages = 0
    for (const connection of this.connections) messages += connection.answered
    return { messages, cpu: cpuTime(this.serverPid), seconds: performance.now() / 1000 }
  }
}

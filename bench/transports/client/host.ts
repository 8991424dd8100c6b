/** The process of the load client: opens servers' connections once, then runs window after window on any of them. */
import { answer, reply } from "../../process/Child.ts"
import type { Address } from "../subjects.ts"
import type { Dialogue, DialogueSpec } from "./Dialogue.ts"
import { Load } from "./Load.ts"
import * as Mortise from "./mortise.ts"
import * as SocketIo from "./socketIo.ts"
import * as Ws from "./ws.ts"

export type Question =
  | {
      readonly type: "open"
      readonly load: string
      readonly dialogue: DialogueSpec
      readonly address: Address
      readonly serverPid: number
      readonly connections: number
      readonly payloadBytes: number
    }
  | { readonly type: "run"; readonly load: string; readonly millis: number }

const dialogues: { readonly [dialect in DialogueSpec["dialect"]]: (spec: DialogueSpec) => Dialogue } = {
  mortise: Mortise.make,
  ws: Ws.make,
  "socket.io": SocketIo.make
}
const loads = new Map<string, Load>()

answer<Question>(async (question) => {
  if (question.type === "open") {
    const { address, connections, dialogue, payloadBytes, serverPid } = question
    loads.set(
      question.load,
      await Load.open(dialogues[dialogue.dialect](dialogue), address, serverPid, connections, payloadBytes)
    )
    return null
  }
  const load = loads.get(question.load)
  if (load === undefined) throw new Error(`${question.load} is not open`)
  return load.run(question.millis)
})
reply({ ok: null })

import type { IncomingMessage } from "node:http"
import type { Audience } from "../HealthConfig.ts"

const isLoopback = (address: string | undefined): boolean =>
  address === "::1" || /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/.test(address ?? "")

/** A proxy on this machine speaks for others: what it passes on does not come from here. */
const isPassedOn = ({ headers }: IncomingMessage): boolean =>
  ["forwarded", "x-forwarded-for", "x-real-ip", "via"].some((name) => headers[name] !== undefined)

/** Whether a request comes from somebody who may read the page. */
export const mayRead = (audience: Audience, request: IncomingMessage): boolean =>
  audience === "everyone" ||
  (audience === "loopback" && isLoopback(request.socket.remoteAddress) && !isPassedOn(request))

/** The pages of health, as routes for the HTTP host. */
import type { IncomingMessage, ServerResponse } from "node:http"
import * as Reply from "@mortise/core/app/Reply"
import type { Registration } from "@mortise/core/http/HttpPlugin"
import type { RouteHandler } from "@mortise/core/http/Route"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { BuildInfo } from "./BuildInfo.ts"
import type { Audience, HealthConfig } from "./HealthConfig.ts"
import { mayRead } from "./internal/audience.ts"
import { contentType } from "./Metrics.ts"
import type { Report } from "./Readiness.ts"

const send = (response: ServerResponse, status: number, type: string, text: string): void => {
  const body = Buffer.from(text)
  response.writeHead(status, {
    "Content-Type": type,
    "Content-Length": body.length,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff"
  })
  response.end(body)
}

const requestId = ({ headers }: IncomingMessage): string | undefined => {
  const given = headers["x-request-id"]
  return typeof given === "string" ? given : undefined
}

/** Answers in the standard reply, under the id that the request came with. */
const replying =
  (answer: Effect.Effect<Reply.SuccessReply<unknown> | Reply.Failure>): RouteHandler =>
  (request, response) =>
    Effect.map(Reply.withRequestId(requestId(request))(answer), (reply) => {
      const status = reply.success ? 200 : reply.error.status
      send(response, status, "application/json; charset=utf-8", `${JSON.stringify(reply)}\n`)
    })

const elsewhere = replying(
  Reply.failure({ code: "HEALTH_FORBIDDEN", status: 403, message: "This page is for the machine that the app runs on" })
)

/** Answers those only whom the page is for. */
const only =
  (audience: Audience, handler: RouteHandler): RouteHandler =>
  (request, response) =>
    (mayRead(audience, request) ? handler : elsewhere)(request, response)

const readyReply = ({
  checks,
  draining,
  ready
}: Report): Effect.Effect<Reply.SuccessReply<unknown> | Reply.Failure> => {
  if (ready) return Reply.success({ checks }, "Ready")
  const failed = checks.filter(({ status }) => status === "failed")
  const reasons = failed.map(({ name, problem = "failed" }) => `${name}: ${problem}`).join(" ")
  return Reply.failure({
    code: draining ? "HEALTH_DRAINING" : "HEALTH_NOT_READY",
    status: 503,
    message: draining ? "Stopping: new work belongs elsewhere" : `Not ready. ${reasons}`,
    details: { checks: checks.map((check) => ({ ...check })) }
  })
}

/** What the pages show. */
export interface Shown {
  readonly build: BuildInfo
  readonly report: Effect.Effect<Report>
  /** The page of metrics as it is now. */
  readonly metrics: Effect.Effect<string>
}

export class HealthPages extends Context.Service<
  HealthPages,
  Shown & { readonly routes: ReadonlyArray<Registration> }
>()("@mortise/plugin-health/HealthPages") {}

/** The routes that the configuration asks for; a page for nobody has none. */
export const make = (config: HealthConfig, shown: Shown): HealthPages["Service"] => ({
  ...shown,
  routes: routesOf(config, shown)
})

const routesOf = (config: HealthConfig, { build, metrics, report }: Shown): ReadonlyArray<Registration> => {
  const started = new Date(performance.timeOrigin).toISOString()
  const info = Effect.suspend(() =>
    Reply.success({ ...build, pid: process.pid, started, uptime_seconds: Math.round(process.uptime()) }, "Running")
  )
  const all: ReadonlyArray<readonly [path: `/${string}`, audience: Audience, handler: RouteHandler]> = [
    [config.livePath, "everyone", replying(Reply.success({}, "Alive"))],
    [config.readyPath, "everyone", replying(Effect.flatMap(report, readyReply))],
    [config.infoPath, config.infoFor, replying(info)],
    [
      config.metricsPath,
      config.metricsFor,
      (_, response) => Effect.map(metrics, (page) => send(response, 200, contentType, page))
    ]
  ]
  return all
    .filter(([, audience]) => audience !== "nobody")
    .map(([path, audience, handler]) => ({
      route: { method: "GET", path, handler: only(audience, handler) }
    }))
}

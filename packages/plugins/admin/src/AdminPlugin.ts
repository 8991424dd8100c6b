/**
 * A socket through which the owner of a running app learns what it does, and tells it what to do: `mortise info`, `clients`,
 * `call`, `listen`, `profile`, `stop`. It is a file that only its user may open; there is no other way in, and none over a network.
 */
import * as Drain from "@mortise/core/app/Drain"
import { Installed } from "@mortise/core/app/Installed"
import * as LoopDelay from "@mortise/core/app/LoopDelay"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Gateway from "@mortise/core/transport/Gateway"
import * as Observers from "@mortise/core/transport/Observers"
import * as Unix from "@mortise/transport-socket/Unix"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { MAX_FRAME_BYTES } from "./AdminContract.ts"
import * as AdminSocket from "./AdminSocket.ts"
import { handlersFor } from "./internal/handlers.ts"

const config = Schema.Struct({
  /** The socket's file; default: in a folder of the user, by the folder in which the app runs, see `AdminSocket`. */
  path: Schema.optionalKey(Schema.NonEmptyString)
})

/**
 * A gateway of its own: what the owner asks is no traffic of the app, and it answers while the app drains. Its frames are not
 * traced: those of who listens to the log are lines of it. A profile takes long, and that is no news.
 */
const ownGateway = Gateway.layer({ maxConnections: 32, trace: false, slowHandlerMillis: 0 }).pipe(
  Layer.provide(
    Layer.succeedContext(
      Context.empty().pipe(
        Context.add(Observers.Observers, Observers.makeUnsafe()),
        Context.add(Drain.Drain, Drain.makeUnsafe()),
        Context.add(LoopDelay.Witnesses, new Set())
      )
    )
  ),
  Layer.fresh
)

const serve = Effect.fnUntraced(function* (path: string | undefined) {
  const app = yield* Gateway.Gateway
  const installed = yield* Installed
  const own = Context.get(yield* Layer.build(ownGateway), Gateway.Gateway)
  yield* Effect.orDie(Effect.flatMap(Gateway.bind(handlersFor(app, installed)), own.add))
  const file = path ?? (yield* AdminSocket.pathOf(process.cwd()))
  yield* own.listen([Unix.listener({ name: "admin", path: file, mode: 0o600, maxFrameBytes: MAX_FRAME_BYTES })])
})

/** Listens on the admin socket. */
export const admin = Plugin.define({
  name: "admin",
  config,
  requires: [Gateway.Gateway],
  layer: ({ config }) => Layer.effectDiscard(serve(config.path))
})

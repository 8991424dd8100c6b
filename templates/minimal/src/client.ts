/** Asks the running app for a greeting: `npm run hello -- Ada`. */
import * as Client from "@mortise/core/client/Client"
import * as WebSocketConnector from "@mortise/core/client/WebSocketConnector"
import * as Effect from "effect/Effect"
import { config } from "./config.ts"
import { Greeter } from "./contract.ts"

const url = `ws://${config.http.host}:${config.http.port}/ws`

const program = Effect.gen(function* () {
  const client = yield* Client.make(Greeter, WebSocketConnector.make({ url }))
  return yield* client.request.hello({ name: process.argv[2] ?? "World" })
}).pipe(
  Effect.scoped,
  // the contract's errors are known by their tags, here and in the handler
  Effect.catchTag("NotOnTheList", ({ name }) => Effect.succeed(`${name} is not on the list.`)),
  Effect.match({
    onSuccess: (answer) => console.log(answer),
    onFailure: (error) => {
      console.error(error.message)
      process.exitCode = 1
    }
  })
)

await Effect.runPromise(program)

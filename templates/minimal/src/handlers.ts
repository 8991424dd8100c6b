import * as Plugin from "@mortise/core/app/Plugin"
import * as Contract from "@mortise/core/transport/Contract"
import { contract } from "@mortise/core/transport/GatewayPlugin"
import * as Effect from "effect/Effect"
import { Greeter, NotOnTheList } from "./contract.ts"

/** One function for each message of the contract; a missing or a wrong one does not compile. */
export const GreeterLive = Contract.implement(Greeter, {
  hello: ({ name }) => (name === "Nobody" ? Effect.fail(new NotOnTheList({ name })) : Effect.succeed(`Hello, ${name}!`))
})

/** Serves the contract on whatever transports the app has. */
export const greeter = Plugin.define({
  name: "greeter",
  contributes: [contract(GreeterLive)]
})

export * as NatsBroker from "./NatsBroker.ts"
export { JetStreamConfig, NatsConfig } from "./NatsConfig.ts"
export { eventsNats, Nats } from "./NatsPlugin.ts"

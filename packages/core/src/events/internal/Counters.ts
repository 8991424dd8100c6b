/** See `EventBus.Stats`. */
export class Counters {
  published = 0
  delivered = 0
  dropped = 0
  poisoned = 0
  failed = 0
  timedOut = 0
  subscriptions = 0
  /** handlers that run, and events that one is being found for */
  running = 0
}

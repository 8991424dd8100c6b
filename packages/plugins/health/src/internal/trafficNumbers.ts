import { bucketBounds, type Traffic, type TransportTraffic } from "@mortise/core/transport/Traffic"
import { type Family, histogram } from "./exposition.ts"

/** What the gateway has counted. */
export const trafficNumbers = ({ handlers, transports }: Traffic): ReadonlyArray<Family> => {
  const each = (
    name: string,
    type: Family["type"],
    help: string,
    of: (traffic: TransportTraffic) => number
  ): Family => ({
    name: `mortise_${name}`,
    help,
    type,
    samples: Array.from(transports, ([transport, traffic]) => ({ labels: { transport }, value: of(traffic) }))
  })
  const all = [...handlers.values()]
  return [
    each("connections", "gauge", "Connections that stand.", ({ connections }) => connections.size),
    each("connections_opened_total", "counter", "Connections that were taken.", ({ opened }) => opened),
    each(
      "messages_received_total",
      "counter",
      "Messages from clients, hello and control included.",
      ({ messagesReceived }) => messagesReceived
    ),
    each("messages_sent_total", "counter", "Messages to clients.", ({ messagesSent }) => messagesSent),
    each("bytes_received_total", "counter", "Bytes of frames from clients.", ({ bytesReceived }) => bytesReceived),
    each("bytes_sent_total", "counter", "Bytes of frames to clients.", ({ bytesSent }) => bytesSent),
    each("queue_bytes", "gauge", "Bytes that wait to be taken by the kernel.", ({ pendingBytes }) => pendingBytes),
    {
      name: "mortise_handled_total",
      help: "Messages by what came of them: success, error, refused, interrupted, defect.",
      type: "counter",
      samples: all.flatMap(({ message, outcomes }) =>
        Object.entries(outcomes).map(([outcome, value]) => ({ labels: { message, outcome }, value }))
      )
    },
    {
      name: "mortise_handler_seconds",
      help: "Time of handlers, but for those that answer with a stream.",
      type: "histogram",
      samples: all.flatMap(({ buckets, message, seconds }) => histogram({ message }, bucketBounds, buckets, seconds))
    }
  ]
}

/** The server's hello for the bench contract: the fields and their order are those of docs/wire.md, section 3. */
export const hello = {
  version: 1,
  connection: "limit-1",
  maxFrameBytes: 1048576,
  messages: [
    [1, "request", "bench.echo"],
    [2, "request", "bench.hop"]
  ]
} as const

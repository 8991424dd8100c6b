/** Opcodes of RFC 6455 §5.2. */
export const CONTINUATION = 0
export const TEXT = 1
export const BINARY = 2
export const CLOSE = 8
export const PING = 9
export const PONG = 10

/** The bit that marks the last fragment of a message. */
export const FIN = 0x80

/** Largest payload of a control frame, in bytes (§5.5). */
export const MAX_CONTROL_BYTES = 125

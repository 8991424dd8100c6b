/** Gives connections their ids: one counter for all transports, so that an id is unique within the process. */
let last = 0

/** The next id of a connection of `transport`, for example `tcp-1f`. */
export const nextConnectionId = (transport: string): string => `${transport}-${(++last).toString(36)}`

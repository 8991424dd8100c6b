/** Arrays and maps inside each other, at most, on either wire. */
export const MAX_DEPTH = 128

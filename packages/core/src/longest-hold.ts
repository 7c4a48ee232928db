/** How long a loop may hold the calling thread before timers and aborts get their turn, milliseconds. */
export const LONGEST_HOLD_MS = 50

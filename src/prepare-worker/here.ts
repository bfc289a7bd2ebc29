/** How both sides of a conversation know that the other one is there, whatever lies between them. */

/** How often either says so that has nothing else to say. */
export const HERE_MS = 10_000
/** How long either waits to hear anything. */
export const UNHEARD_MS = 60_000

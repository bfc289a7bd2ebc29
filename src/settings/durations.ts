import { z } from 'zod'

/** Node.js: setTimeout takes 2^31 - 1 ms at most, and 1 ms instead of anything longer. */
export const TIMER_MAX_MS = 24 * 86_400_000
const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

const NO_DURATION = 'is not a duration such as 30s, 10m or 1h'

/** `90s`, `10m`, `1h`: a duration, in milliseconds. */
export const duration = (standard: string) =>
  z
    .string(NO_DURATION)
    .regex(/^[1-9][0-9]*(ms|s|m|h|d)$/, NO_DURATION)
    .default(standard)
    .transform((text) => {
      const [, count = '', unit = 'ms'] = /^([0-9]+)(ms|s|m|h|d)$/.exec(text) ?? []
      return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]
    })

/** A duration that a timer is set to. */
export const timer = (standard: string) => duration(standard).refine((ms) => ms <= TIMER_MAX_MS, 'is longer than 24d')

import { z } from 'zod'

/** Node.js: setTimeout takes 2^31 - 1 ms at most, and 1 ms instead of anything longer. */
const TIMER_MAX_MS = 24 * 86_400_000
const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `90s`, `10m`, `1h`: a duration, in milliseconds. */
export const duration = (standard: string) =>
  z
    .string()
    .regex(/^[1-9][0-9]*(ms|s|m|h|d)$/, 'is not a duration such as 30s, 10m or 1h')
    .default(standard)
    .transform((text) => {
      const [, count = '', unit = 'ms'] = /^([0-9]+)(ms|s|m|h|d)$/.exec(text) ?? []
      return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]
    })

/** A duration that a timer is set to. */
export const timer = (standard: string) => duration(standard).refine((ms) => ms <= TIMER_MAX_MS, 'is longer than 24d')

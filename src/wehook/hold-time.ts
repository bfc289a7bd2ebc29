import type { WeHookConfig } from '../config/wehook.ts'

/**
 * Milliseconds for which a callback is kept whatever room there is: while it is tried, and while somebody could send it
 * once more with the same signature. A time that is signed is believed from `tolerance` before to `tolerance` after.
 */
export const holdMsOf = ({ ttl, sources }: Pick<WeHookConfig, 'ttl' | 'sources'>): number =>
  Math.max(ttl, ...sources.map(({ check, tolerance }) => (SIGNS_TIME[check] ? 2 * tolerance : 0)))

const SIGNS_TIME: Readonly<Record<WeHookConfig['sources'][number]['check'], boolean>> = {
  stripe: true,
  slack: true,
  'standard-webhooks': true,
  github: false,
  hmac: false,
  none: false,
}

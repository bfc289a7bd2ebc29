import { PUSH_RATE, type PushRate, WRITE_RATE } from '../twig/push-rate.ts'
import type { Config } from './schema.ts'

/** What `gitops.pushes` says, and as is advised for what commits are written by where it says nothing. */
export function pushRateOf({
  write,
  pushes: { perMinute, burst },
}: Pick<Config['gitops'], 'write' | 'pushes'>): PushRate {
  return { perMinute: perMinute ?? (write === 'api' ? WRITE_RATE : PUSH_RATE).perMinute, burst }
}

import type { HttpBindings } from '@hono/node-server'
import type { Addresses } from './addresses.ts'
import type { Caller } from './app-auth.ts'
import type { Repository } from './repository.ts'
import type { State } from './state.ts'
import type { Webhooks } from './webhooks.ts'

/** What every route works on. */
export interface World {
  readonly state: State
  readonly addresses: Addresses
  readonly webhooks: Webhooks
}

/** What a request has once it got past the gate. */
export interface Env {
  Bindings: HttpBindings
  Variables: { caller: Caller; repository: Repository; resource: string }
}

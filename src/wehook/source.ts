import type { Check } from './signatures/signature.ts'

/** A provider that calls: what is taken from it, and how it proves that it is it. */
export interface Source {
  readonly name: string
  readonly check: Check
  /** Of what is not signed: the segment behind its name is one of these, and is not passed on. None: of what is. */
  readonly segments: readonly string[]
  readonly maxBytes: number
  readonly methods: ReadonlySet<string>
  /** @param address of who is connected */
  mayCall(address: string): boolean
}

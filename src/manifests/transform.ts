import type { Manifest } from './manifest.ts'
import type { Target } from './target.ts'

/** Gives new manifests and changes none in place. @throws {Terminal} naming the object and the field */
export type Transform = (manifests: readonly Manifest[], target: Target) => readonly Manifest[]

/** A transform in the list, and what people hear of it. */
export interface ListedTransform {
  /** What logs call it, in a word or two. */
  readonly name: string
  /** Why it is done, in one sentence. */
  readonly why: string
  readonly apply: Transform
  /**
   * 'each': every change has its line in the run's log. 'check': that, and a line in the Check. 'sum': one line for all,
   * for what happens to every object alike.
   */
  readonly told: 'each' | 'check' | 'sum'
}

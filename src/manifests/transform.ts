import type { Manifest } from './manifest.ts'
import type { Target } from './target.ts'

/** Gives new manifests and changes none in place. @throws {Terminal} naming the object and the field */
export type Transform = (manifests: readonly Manifest[], target: Target) => readonly Manifest[]

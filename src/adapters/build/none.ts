import type { ImageBuilder } from '../../ports.ts'

/** Builds nothing: the manifests' own images stay as they are. */
export const noBuilder: ImageBuilder = {
  name: 'none',
  needsSource: false,
  build: async () => null,
  close: async () => {},
}

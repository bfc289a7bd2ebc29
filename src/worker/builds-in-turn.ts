import type { ImageBuilder } from '../ports.ts'
import { turnsOf } from './turns.ts'

/**
 * The same builder, so many builds of which are under way at a time; repos take turns. One that only asks for what
 * others make is not held up.
 */
export function buildsInTurn(builder: ImageBuilder, concurrency: number): ImageBuilder {
  if (!builder.needsSource) return builder
  const turns = turnsOf(concurrency)
  return {
    name: builder.name,
    needsSource: true,
    close: builder.close,
    async build(request, log, signal) {
      if (!turns.isFree()) log('waiting for its turn: as many images are being built as may be')
      return await turns.take(request.repository, () => builder.build(request, log, signal), signal)
    },
  }
}

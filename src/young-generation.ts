/** V8's young generation, where new objects live until they are found to last. */
import { setFlagsFromString } from 'node:v8'

/**
 * Keeps it at the size that it has now. V8 doubles it, up to 32 MB, each time that as much as it holds has survived in
 * it since the last time: in a process that goes on for long, always, whatever it needs. What survives is moved to the
 * old generation a little sooner then, which costs some collections of that. To be called before there is much.
 */
export const keepYoungGenerationSmall = (): void => setFlagsFromString('--semi-space-growth-factor=1')

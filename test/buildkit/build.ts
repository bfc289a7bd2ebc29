/** Builds buildkitd and buildctl, which the tests of BuildKit are left out without. */
import { makeBuildKit } from './programs.ts'

console.log(await makeBuildKit(console.log, new AbortController().signal))

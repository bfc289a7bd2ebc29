/**
 * How far the peak of resident memory goes up when a process that has made previews of small apps for a while is given a
 * large one. A process of its own: `node --import tsx memory.ts SMALL LARGE`, folders of apps; one line of JSON.
 */
import { benchedKustomize, oursOnce, oursWithoutKustomize } from './sides.ts'

/** Until the peak stays where it is: so many small apps again and again, at most so often. */
const SMALL_AT_A_TIME = 300
const TIMES_MAX = 20
const RENDERS_OF_LARGE = 5

const [small = '', large = ''] = process.argv.slice(2)
const kustomize = await benchedKustomize()
const { yaml } = await oursOnce(kustomize, small)
let before = 0
for (let time = 0; time < TIMES_MAX && peakBytes() > before; time++) {
  before = peakBytes()
  for (let done = 0; done < SMALL_AT_A_TIME; done++) oursWithoutKustomize(yaml)
  await oursOnce(kustomize, small)
}
before = peakBytes()
let input = 0
for (let done = 0; done < RENDERS_OF_LARGE; done++) {
  input = Buffer.byteLength((await oursOnce(kustomize, large)).yaml)
}
console.log(JSON.stringify({ input, before, grown: peakBytes() - before }))

/** Node.js: process.resourceUsage, maxRSS in kilobytes; Linux: getrusage(2), the peak of the process's life. */
function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024
}

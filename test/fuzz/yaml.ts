/** npm run fuzz:yaml -- --count N --seed S: mutated YAML documents, judged with kubectl's own reader. */
import { parseArgs } from 'node:util'
import { fuzzYaml } from './fuzz-yaml.ts'
import { passes } from './passes.ts'
import { startYamlReader } from './yaml-reader.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    all: { type: 'boolean', default: false },
  },
})
const [count, seed] = [Number(values.count), Number(values.seed)]
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
  console.error('--count is how many documents, --seed which ones: whole numbers')
  process.exit(2)
}

const TOLD_EVERY = 50_000
const began = performance.now()
const reader = await startYamlReader((line) => console.error(line), new AbortController().signal)
const { counts, broken } = await fuzzYaml(count, seed, passes, reader, (judged, failed) => {
  if (judged % TOLD_EVERY === 0 && judged < count) console.error(`${judged} of ${count}, ${failed} broken`)
})
reader.close()
const seconds = Math.round((performance.now() - began) / 1000)
const told = Object.entries(counts).map(([kind, times]) => `${times} ${kind}`)
console.log(`${count} documents, seed ${seed}, ${seconds} s: ${told.join(', ')}`)
for (const { text, how } of values.all ? broken : broken.slice(0, 1)) {
  console.log(`${JSON.stringify(text)}\n${how}`)
  process.exitCode = 1
}

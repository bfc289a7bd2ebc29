import { documents } from './documents.ts'
import { judge, type Passes, type Verdict } from './judge.ts'
import { mutate } from './mutate.ts'
import { randomOf } from './random.ts'
import { shrink } from './shrink.ts'
import type { YamlReader } from './yaml-reader.ts'

export interface FuzzResult {
  readonly counts: Readonly<Record<Verdict['kind'], number>>
  /** The texts that break a promise, made as small as they get, the smallest first. */
  readonly broken: readonly Broken[]
}

interface Broken {
  readonly text: string
  readonly how: string
}

/** Many texts are with the reader at once: it works while this process makes the next ones. */
const AT_ONCE = 500
/** More than that are broken by the same few faults. */
const MAX_BROKEN = 20

/** Judges `count` mutated documents, the same ones for the same seed, and tells how far it is. */
export async function fuzzYaml(
  count: number,
  seed: number,
  passes: Passes,
  reader: YamlReader,
  told: (judged: number, broken: number) => void = () => {},
): Promise<FuzzResult> {
  const from = documents()
  const counts = { refused: 0, same: 0, 'refused by kubectl': 0, broken: 0 }
  const broken: string[] = []
  for (let begin = 0; begin < count && broken.length < MAX_BROKEN; begin += AT_ONCE) {
    const texts = Array.from({ length: Math.min(AT_ONCE, count - begin) }, (_, at) => {
      const random = randomOf(seed * 1_000_003 + begin + at)
      return mutate(random.oneOf(from), random.oneOf(from), random)
    })
    const verdicts = await Promise.all(texts.map((text) => judge(text, passes, reader)))
    verdicts.forEach(({ kind }, at) => {
      counts[kind]++
      if (kind === 'broken') broken.push(texts[at] ?? '')
    })
    told(begin + texts.length, broken.length)
  }

  const smallest = new Map<string, Broken>()
  for (const text of broken) {
    let how = ''
    const isBroken = async (shorter: string) => {
      const verdict = await judge(shorter, passes, reader)
      if (verdict.kind === 'broken') how = verdict.how
      return verdict.kind === 'broken'
    }
    const shortest = (await isBroken(text)) ? await shrink(text, isBroken) : text
    smallest.set(shortest, { text: shortest, how })
  }
  return { counts, broken: [...smallest.values()].sort((a, b) => a.text.length - b.text.length) }
}

/** What rounds come to: ratios, WeStage's own share, and the table that people read. */
import { laidOut, median, ms } from '../figures.ts'
import type { PairOf } from '../in-turns.ts'
import type { Timed } from './side.ts'

type Pair = PairOf<readonly Timed[]>

/** `labelToLive` is ours to theirs, from the label until the last preview is live; `ownShare` is ours to our whole. */
export type Measures = Readonly<Record<'labelToLive' | 'ownShare', number>>

const STEPS = [
  'told',
  'fetch',
  'build',
  'render',
  'transform',
  'commit',
  'apply',
  'wait',
  'sync',
  'argocd',
  'noticed',
  'resolve',
  'reported',
]
const NAMES: Readonly<Record<string, string>> = {
  told: 'told, and in turn',
  argocd: '  of it Argo CD and kubelet',
  noticed: '  of it until WeStage saw',
}

/**
 * By the means of all rounds: a build takes up to a second more or less by where in a second it begins, rounds begin at
 * places that lie evenly, and a median would be one of these places'. Of the own share, the median of all previews.
 */
export const measuresOf = (pairs: readonly Pair[]): Measures => ({
  labelToLive: meanOf(pairs, 'ours', lastLive) / meanOf(pairs, 'theirs', lastLive),
  ownShare: median(pairs.flatMap(({ ours }) => ours.map(ownShareOf))),
})

const lastLive = (previews: readonly Timed[]): number => Math.max(...previews.map(({ liveMs }) => liveMs))
const eachLive = (previews: readonly Timed[]): number => median(previews.map(({ liveMs }) => liveMs))
const ownShareOf = ({ ownMs, liveMs }: Timed): number => (ownMs ?? Number.NaN) / liveMs
const ownOf = (previews: readonly Timed[]): number => median(previews.map(({ ownMs }) => ownMs ?? Number.NaN))

const meanOf = (pairs: readonly Pair[], side: keyof Pair, of: (previews: readonly Timed[]) => number): number =>
  pairs.reduce((sum, pair) => sum + of(pair[side]), 0) / pairs.length

/** The lines of one size of round; of the steps, the medians of all previews. */
export function tableOf(pairs: readonly Pair[], goals: Measures): string[] {
  const measured = measuresOf(pairs)
  const compared = (name: string, of: (previews: readonly Timed[]) => number) => [
    name,
    ms(meanOf(pairs, 'ours', of)),
    ms(meanOf(pairs, 'theirs', of)),
    (meanOf(pairs, 'ours', of) / meanOf(pairs, 'theirs', of)).toFixed(2),
    pairs.map(({ ours, theirs }) => (of(ours) / of(theirs)).toFixed(2)).join(' '),
  ]
  const verdict = (measure: keyof Measures) =>
    `${goals[measure]} ${measured[measure] <= goals[measure] ? 'met' : 'MISSED'}`
  const isOne = pairs.every(({ ours }) => ours.length === 1)
  const steps = STEPS.map((step) => {
    const took = (side: keyof Pair) =>
      ms(median(pairs.flatMap((pair) => pair[side].flatMap(({ steps: of }) => of[step] ?? []))))
    return [`  ${NAMES[step] ?? step}`, took('ours'), took('theirs')]
  })
  return laidOut([
    ['', 'WeStage', 'by hand', 'ratio', 'each pair', 'goal'],
    [...compared('label to live', lastLive), verdict('labelToLive')],
    ...(isOne ? [] : [compared('  one preview', eachLive)]),
    [
      'its own share',
      ms(meanOf(pairs, 'ours', ownOf)),
      '',
      measured.ownShare.toFixed(3),
      pairs.map(({ ours }) => median(ours.map(ownShareOf)).toFixed(3)).join(' '),
      verdict('ownShare'),
    ],
    ['steps of one preview, medians'],
    ...steps,
  ])
}

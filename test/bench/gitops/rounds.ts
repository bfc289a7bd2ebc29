/** Rounds of several figures next to each other, and what they come to. */
import { median } from '../figures.ts'

/** The figures of one round, by name. */
export type Round = Readonly<Record<string, number>>

export const medianOf = (rounds: readonly Round[], name: string): number =>
  median(rounds.flatMap((round) => round[name] ?? []))

/** Round by round: what troubles the machine for a while troubles both. */
export const ratioOf = (rounds: readonly Round[], name: string, to: string): number =>
  median(rounds.map((round) => (round[name] ?? Number.NaN) / (round[to] ?? Number.NaN)))

/** Who goes first changes too. */
export async function interleaved(
  rounds: number,
  figures: Readonly<Record<string, () => Promise<number>>>,
): Promise<readonly Round[]> {
  const entries = Object.entries(figures)
  const all: Round[] = []
  for (let round = 0; round < rounds; round++) {
    const first = round % entries.length
    const found: Record<string, number> = {}
    for (const [name, figure] of [...entries.slice(first), ...entries.slice(0, first)]) found[name] = await figure()
    all.push(found)
  }
  return all
}

/** One round before, in which everything is new, does not count. */
export async function warmedUp(
  rounds: number,
  figures: Readonly<Record<string, () => Promise<number>>>,
): Promise<readonly Round[]> {
  await interleaved(1, figures)
  return await interleaved(rounds, figures)
}

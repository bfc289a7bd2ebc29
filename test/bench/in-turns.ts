/** Two rounds of one size that were run next to each other. */
export interface PairOf<Round> {
  readonly ours: Round
  readonly theirs: Round
}

interface Side<Round> {
  round(count: number): Promise<Round>
}

/** Rounds of both sides in turns, who goes first changing too. */
export async function inTurns<Round>(
  ours: Side<Round>,
  theirs: Side<Round>,
  pulls: number,
  rounds: number,
): Promise<readonly PairOf<Round>[]> {
  const pairs: PairOf<Round>[] = []
  for (let round = 0; round < rounds; round++) {
    const isOursFirst = round % 2 === 0
    const first = await (isOursFirst ? ours : theirs).round(pulls)
    const second = await (isOursFirst ? theirs : ours).round(pulls)
    pairs.push(isOursFirst ? { ours: first, theirs: second } : { ours: second, theirs: first })
  }
  return pairs
}

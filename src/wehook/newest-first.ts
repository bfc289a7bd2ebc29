/** Of several lists, each the newest first, one: no more of each is asked for than it takes. */
import type { ListedCallback } from './callback.ts'

export async function* newestFirst(
  lists: readonly AsyncGenerator<ListedCallback>[],
): AsyncGenerator<ListedCallback, void> {
  /** What comes next of each that has more. */
  const next = new Map<AsyncGenerator<ListedCallback>, ListedCallback>()
  const step = async (list: AsyncGenerator<ListedCallback>) => {
    const one = await list.next()
    if (one.done === true) next.delete(list)
    else next.set(list, one.value)
  }
  await Promise.all(lists.map(step))
  while (next.size > 0) {
    const [list, newest] = [...next].reduce((one, other) => (one[1].id > other[1].id ? one : other))
    yield newest
    await step(list)
  }
}

/** What the demo's page is told as it happens, for who has no browser. */
import { z } from 'zod'

const State = z.object({ parts: z.record(z.string(), z.string()) })

/**
 * Reads the page's events until one has the part in question as it is wanted.
 * @param url the demo's address
 * @param part an id of the page: `check-1`
 * @returns the part's markup
 * @throws where the events end without, or `signal` is aborted
 */
export async function partOfPage(url: string, part: string, wanted: RegExp, signal: AbortSignal): Promise<string> {
  const answer = await fetch(`${url}events`, { signal })
  let rest = ''
  let last = ''
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const events = (rest + chunk).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      const [, text] = /^data: (.*)$/m.exec(event) ?? []
      if (text === undefined) continue
      last = State.parse(JSON.parse(text)).parts[part] ?? last
      if (wanted.test(last)) return last
    }
  }
  throw new Error(`the page's events ended before ${part} was ${wanted}: ${last}`)
}

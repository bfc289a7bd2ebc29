/** What the demo's site answers: its page, the events that keep it up to date, and what its buttons do. */
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { ACTIONS, act } from './actions.ts'
import { showCommit } from './history.ts'
import { demoPage, pagePolicy, textPage } from './page.ts'
import { pageStateOf } from './page-state.ts'
import { revertByHand } from './revert.ts'
import { SHOP } from './sample-pulls.ts'
import { GITOPS, type World } from './start-world.ts'

const LOOK_MS = 200

const Act = z.strictObject({ action: z.enum(ACTIONS), pull: z.int().positive() })
const Revert = z.strictObject({ sha: z.string().regex(/^[0-9a-f]{40}$/) })

/** @param ends ends the streams of events */
export function pagesOf(world: World, ends: AbortSignal): Hono {
  const { site, frames, github, gitopsDir } = world
  const stateOf = pageStateOf(world)
  const app = new Hono()
  app.use(async (c, next) => {
    c.header('Content-Security-Policy', pagePolicy(frames.origin))
    c.header('Cache-Control', 'no-store')
    c.header('X-Content-Type-Options', 'nosniff')
    c.header('Referrer-Policy', 'no-referrer')
    // Only this page may ask for anything to be done (Fetch standard, Origin; W3C, Fetch Metadata).
    const isForeign =
      c.req.header('origin') !== site.origin || (c.req.header('sec-fetch-site') ?? 'same-origin') !== 'same-origin'
    if (c.req.method !== 'GET' && isForeign) return c.text('Only the demo’s own page may do that\n', 403)
    await next()
  })
  app.get('/', async (c) => c.html(demoPage(world, (await stateOf(1)).parts, numbers(), 1)))
  app.get(`/${SHOP}/pull/:number{[0-9]+}`, async (c) => {
    const number = Number(c.req.param('number'))
    if (!numbers().includes(number)) return c.text('No such pull request\n', 404)
    return c.html(demoPage(world, (await stateOf(number)).parts, numbers(), number))
  })
  app.get(`/${GITOPS}/commit/:sha{[0-9a-f]{40}}`, async (c) => {
    const sha = c.req.param('sha')
    return c.html(textPage(`${sha.slice(0, 7)} · ${GITOPS}`, await showCommit(gitopsDir, sha)))
  })
  app.get('/events', (c) =>
    streamSSE(c, async (stream) => {
      const sent = new Map<string, string>()
      let last = ''
      while (!ends.aborted && !stream.aborted) {
        const { parts, ...rest } = await stateOf(0)
        const changed = [...parts].filter(([id, markup]) => sent.get(id) !== markup)
        for (const [id, markup] of changed) sent.set(id, markup)
        const text = JSON.stringify(rest)
        if (changed.length > 0 || text !== last) {
          await stream.writeSSE({
            event: 'state',
            data: JSON.stringify({ parts: Object.fromEntries(changed), ...rest }),
          })
        }
        last = text
        await stream.sleep(LOOK_MS)
      }
    }),
  )
  app.post('/act', async (c) => {
    const { action, pull } = Act.parse(await c.req.json())
    return c.text(await act(world, action, pull))
  })
  app.post('/revert', async (c) => {
    await revertByHand(gitopsDir, Revert.parse(await c.req.json()).sha)
    return c.text('reverted')
  })
  app.onError((error, c) => c.text(error.message, 409))
  const numbers = () => github.pulls(SHOP).map(({ number }) => number)
  return app
}

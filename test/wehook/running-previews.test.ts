/** WeStage's list of previews, as WeHook keeps it. */
import { mkdir, mkdtemp, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type GivenWeHook, givenWeHook, STRIPE } from './given.ts'

let folder: string
let here: GivenWeHook
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wehook-'))
})
afterEach(async () => {
  await here.close()
  await rm(folder, { recursive: true, force: true })
})

const FIRST = { pull: 1, callbacks: [STRIPE] }
const SECOND = { pull: 2, callbacks: [STRIPE] }

/** WeHook asked so often more, whether or not something is another. */
async function polled(times: number): Promise<void> {
  const before = here.westage.asked()
  await here.until(() => expect(here.westage.asked()).toBeGreaterThanOrEqual(before + times))
}

it('is as old after a start without WeStage as WeStage said last that it is right, not as its last change', async () => {
  here = await givenWeHook([FIRST])
  const knownMs = Date.now()
  await polled(10)
  await here.stop()
  here.westage.lists(null)
  await here.restart()
  const metrics = await (await here.get('/metrics')).text()
  const ageMs = 1000 * Number(/^wehook_list_age_seconds (\S+)$/m.exec(metrics)?.[1])
  expect(Date.now() - ageMs).toBeGreaterThan(knownMs)
})

it('is kept as soon as it can be, where it could not be written', async () => {
  here = await givenWeHook([FIRST], { dataDir: folder })
  await polled(2)
  const inTheWay = join(folder, 'previews.json.new')
  await mkdir(inTheWay)
  here.westage.lists([FIRST, SECOND])
  await polled(3)
  await rmdir(inTheWay)
  await polled(3)
  await here.stop()
  here.westage.lists(null)
  await here.restart()
  await here.pay(Buffer.from('{}'))
  await here.until(() => expect(here.apps.reached(2)).toHaveLength(1))
})

/** What a preview gets that came before it was there. */
import { afterEach, describe, expect, it } from 'vitest'
import { board } from '../../src/reconcile/board.ts'
import { listen } from '../../src/web/listen.ts'
import { givenServer, previewView, TOKEN } from '../web/given.ts'
import { type GivenWeHook, givenWeHook, STRIPE } from './given.ts'
import { wordsOf } from './page-words.ts'
import type { PreviewOfList } from './preview-apps.ts'

let here: GivenWeHook
afterEach(() => here.close())

const MISSED = { ...STRIPE, missed: true }
const FIRST = { pull: 1, callbacks: [STRIPE] }

/** The bodies that reached a preview. */
const had = (pull: number): readonly string[] => bodiesOf(here.apps.reached(pull))
const bodiesOf = (reached: ReturnType<GivenWeHook['apps']['reached']>) =>
  reached.map(({ body }) => body.toString()).toSorted()

/** What came before any but the first preview was there, and was delivered to that one. */
async function givenPaid(settings: Readonly<Record<string, unknown>> = {}): Promise<void> {
  here = await givenWeHook([FIRST], settings)
  for (const text of ['one', 'two']) await paid(text, [1])
}

/** It comes now, and all of these have it. */
async function paid(text: string, pulls: readonly number[]): Promise<void> {
  await here.pay(Buffer.from(text))
  for (const pull of pulls) await here.until(() => expect(had(pull)).toContain(text))
}

/** A preview that is there from now on. */
const comesUp = (pull: number, callbacks: readonly object[], more: { readonly host?: string } = {}) => ({
  ...{ pull, callbacks, sinceMs: Date.now() + 1 },
  ...more,
})

/** Lists these from now on, and one more, by which WeHook is seen to know it. */
async function lists(previews: readonly PreviewOfList[]): Promise<void> {
  here.westage.lists([...previews, comesUp(9, [MISSED])])
  await here.until(() => expect(had(9)).toEqual(['one', 'two']))
}

describe('a preview that comes up', () => {
  it('gets what came before, where its app asks for what it missed', async () => {
    await givenPaid()
    await lists([FIRST, comesUp(2, [MISSED]), comesUp(3, [STRIPE])])
    await here.until(() => expect(had(2)).toEqual(['one', 'two']))
    await paid('zero', [1, 2, 3])
    expect([1, 2, 3].map(had)).toEqual([['one', 'two', 'zero'], ['one', 'two', 'zero'], ['zero']])
  })

  it('gets without asking what came since its revision was committed: the list has it a little later', async () => {
    await givenPaid()
    const sinceMs = Date.now() + 1
    await here.until(() => expect(Date.now()).toBeGreaterThan(sinceMs))
    await paid('three', [1])
    here.westage.lists([FIRST, { pull: 2, callbacks: [STRIPE], sinceMs }])
    await here.until(() => expect(had(2)).toEqual(['three']))
    await paid('zero', [2])
    expect(had(2)).toEqual(['three', 'zero'])
  })

  it('gets what came before without asking, where WeStage does not know when its revision was committed', async () => {
    await givenPaid()
    await lists([FIRST, { pull: 2, callbacks: [STRIPE], sinceMs: null }])
    await here.until(() => expect(had(2)).toEqual(['one', 'two']))
    await paid('zero', [2])
    expect(had(2)).toEqual(['one', 'two', 'zero'])
  })

  it('gets nothing that came longer ago than is tried', async () => {
    await givenPaid({ ttl: '1s' })
    const paidMs = Date.now()
    await here.until(() => expect(Date.now()).toBeGreaterThan(paidMs + 1000))
    here.westage.lists([FIRST, comesUp(2, [MISSED]), comesUp(9, [MISSED])])
    let count = 0
    await here.until(async () => {
      count += 1
      await here.pay(Buffer.from(`zero ${count}`))
      expect(had(9).length).toBeGreaterThan(0)
    })
    await here.until(() => expect(had(2)).toContain(`zero ${count}`))
    expect(had(2).every((text) => text.startsWith('zero'))).toBe(true)
  })

  it('gets at another path what it missed there', async () => {
    await givenPaid()
    await lists([{ pull: 1, callbacks: [{ ...MISSED, path: '/hooks/other' }], sinceMs: Date.now() + 1 }])
    const atOther = () => here.apps.reached(1).filter(({ url }) => url === '/hooks/other')
    await here.until(() => expect(bodiesOf(atOther())).toEqual(['one', 'two']))
  })
})

describe('a preview that has had what it missed does not get it again', () => {
  it.each([
    ['when WeHook was started anew', [MISSED], {}, 'restarted'],
    ['when it was pushed to', [MISSED], {}, 'running'],
    ['when it moved', [MISSED], { host: 'moved.shop.test' }, 'running'],
    ['when it moved and WeHook was started anew', [MISSED], { host: 'moved.shop.test' }, 'restarted'],
    ['when it does not ask for it any more', [STRIPE], {}, 'running'],
  ] as const)('%s', async (_, callbacks, place: { readonly host?: string }, wehook) => {
    await givenPaid()
    here.westage.lists([FIRST, comesUp(2, [MISSED])])
    await here.until(() => expect(had(2)).toEqual(['one', 'two']))
    if (wehook === 'restarted') {
      await here.until(async () =>
        expect(wordsOf(await (await here.get('/')).text())).toMatch(/(pr-2 delivered .*){2}/),
      )
      await here.stop()
    }
    const previews = [FIRST, comesUp(2, callbacks, place)]
    here.westage.lists(previews)
    if (wehook === 'restarted') await here.restart()
    await lists(previews)
    await here.pay(Buffer.from('zero'))
    const all = () => [...had(2), ...bodiesOf(here.apps.reachedAt('moved.shop.test'))].toSorted()
    await here.until(() => expect(all()).toContain('zero'))
    expect(all()).toEqual(['one', 'two', 'zero'])
  })
})

it('a preview that asks for what it missed only later has missed nothing: it was there', async () => {
  await givenPaid()
  await lists([comesUp(1, [MISSED])])
  await paid('zero', [1])
  expect(had(1)).toEqual(['one', 'two', 'zero'])
})

it('is what WeStage itself says of the callbacks of a preview.yaml', async () => {
  const shown = board()
  const { app } = givenServer({ previews: { ...shown, isWhole: () => true } })
  const westage = await listen(app.fetch, { host: '127.0.0.1', port: 0 })
  try {
    here = await givenWeHook([], { westage: `http://127.0.0.1:${westage.port}` }, { WESTAGE_API_TOKEN: TOKEN })
    await here.pay(Buffer.from('one'))
    for (const [pull, missed] of [
      [7, false],
      [8, true],
    ] as const) {
      const view = previewView({ sinceMs: Date.now() + 1 }, pull, `feat/${pull}`)
      if (view.preview === null) throw new Error('it has none')
      const url = `http://pr-${pull}.shop.test`
      shown.put({ ...view, preview: { ...view.preview, url, callbacks: [{ ...STRIPE, missed }] } })
    }
    await here.until(() => expect(had(8)).toEqual(['one']))
    await paid('two', [7, 8])
    expect([7, 8].map(had)).toEqual([['two'], ['one', 'two']])
  } finally {
    westage.cut()
    await westage.close()
  }
})

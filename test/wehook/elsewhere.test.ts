/** A list that leads elsewhere than to previews, such as where a preview.yaml was written by hand. */
import { afterEach, expect, it } from 'vitest'
import { type GivenWeHook, givenWeHook, STRIPE } from './given.ts'

let here: GivenWeHook
afterEach(() => here.close())

it.each(['host', 'service'])(
  'what is no address of the preview is not called, and keeps nothing from another: by its %s',
  async (target) => {
    const service = { name: 'evil.test/?', port: 80 }
    here = await givenWeHook(
      [
        { pull: 1, callbacks: [{ ...STRIPE, path: '//evil.test/hook' }, STRIPE] },
        { pull: 2, callbacks: [STRIPE], host: ':::' },
        { pull: 3, callbacks: [{ ...STRIPE, path: '/by-service', service }, STRIPE] },
      ],
      { target },
    )
    await here.pay(Buffer.from('{}'))
    for (const pull of [1, 3]) {
      const urls = () => here.apps.reached(pull).map(({ url }) => url)
      await here.until(() => expect(urls()).toContain(STRIPE.path))
    }
    expect(here.apps.reachedAt('evil.test')).toEqual([])
    if (target === 'service') expect(here.apps.reached(3).map(({ url }) => url)).not.toContain('/by-service')
  },
)

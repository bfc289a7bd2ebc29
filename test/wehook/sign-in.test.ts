/** WeHook without a token for people. */
import { createHmac } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { type GivenWeHook, givenWeHook, STRIPE } from './given.ts'

let here: GivenWeHook
afterEach(() => here.close())

it('shows a body to nobody and sends nothing again, whatever anybody says that its token is', async () => {
  here = await givenWeHook([{ pull: 1, callbacks: [STRIPE] }])
  await here.pay(Buffer.from('{"card":"4242"}'))
  await here.until(() => expect(here.apps.reached(1)).toHaveLength(1))
  const [, id = ''] = /callbacks\/([0-9a-f]+)"/.exec(await (await here.get('/')).text()) ?? []
  expect((await here.get('/sign-in')).status).toBe(404)
  for (const token of ['', 'null', 'undefined']) {
    expect((await here.form('/sign-in', { token })).status).toBe(401)
    const session = createHmac('sha256', token).update('a session of WeHook').digest('hex')
    for (const cookie of [session, token]) {
      const headers = { authorization: `Bearer ${token}`, cookie: `wehook=${cookie}` }
      expect(await (await here.get(`/callbacks/${id}`, headers)).text()).not.toContain('4242')
      expect((await here.form(`/callbacks/${id}/again`, {}, headers)).status).toBe(401)
      expect((await here.form(`/api/callbacks/${id}/replay`, {}, headers)).status).toBe(401)
    }
  }
  expect(here.apps.reached(1)).toHaveLength(1)
})

import { afterEach, expect, it } from 'vitest'
import { handedContexts } from '../../src/adapters/build/handed-contexts.ts'
import { givenServer } from './given.ts'
import { type Listening, listen } from './listen.ts'

let server: Listening | null = null
afterEach(async () => {
  await server?.close()
  server = null
})

const archive = (...pieces: readonly string[]) =>
  async function* () {
    for (const piece of pieces) yield Buffer.from(piece)
  }

/** Contexts, and how pods ask for them. */
async function given() {
  const contexts = handedContexts()
  const { app, told } = givenServer({ takeContext: contexts.take })
  server = await listen(app)
  const { url } = server
  const asked = (authorization: string) => fetch(`${url}/build-context`, { headers: { authorization } })
  return { contexts, told, asked, askedBy: (token: string) => asked(`Bearer ${token}`) }
}

it('hands each context out once, to whoever has its token', async () => {
  const { contexts, asked, askedBy } = await given()
  const [first, second] = [contexts.offer(archive('one ', 'two')), contexts.offer(archive('other'))]
  for (const nobodys of ['', 'Bearer ', `Basic ${first.token}`, `Bearer ${first.token}x`]) {
    expect((await asked(nobodys)).status).toBe(404)
  }
  expect(await (await askedBy(first.token)).text()).toBe('one two')
  expect((await askedBy(first.token)).status).toBe(404)
  expect(await (await askedBy(second.token)).text()).toBe('other')
})

it('hands out nothing that was taken back', async () => {
  const { contexts, askedBy } = await given()
  const offer = contexts.offer(archive('one'))
  offer.withdraw()
  expect((await askedBy(offer.token)).status).toBe(404)
})

it('cuts off a context whose build has ended while it is handed out, and one that can’t be read to its end', async () => {
  const { contexts, askedBy, told } = await given()
  const untilStopped = contexts.offer(async function* (signal) {
    yield Buffer.from('begun')
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
  const reader = (await askedBy(untilStopped.token)).body?.getReader()
  expect(Buffer.from((await reader?.read())?.value ?? '').toString()).toBe('begun')
  untilStopped.withdraw()
  await expect(reader?.read()).rejects.toThrow()

  const broken = contexts.offer(async function* () {
    yield Buffer.from('begun')
    throw new Error('a file has gone')
  })
  await expect(askedBy(broken.token).then((answer) => answer.text())).rejects.toThrow()
  expect((await askedBy(broken.token)).status).toBe(404)
  expect(told.failures).toEqual([])
})

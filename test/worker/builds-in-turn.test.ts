import { expect, it, vi } from 'vitest'
import type { ImageBuilder } from '../../src/ports.ts'
import { buildsInTurn } from '../../src/worker/builds-in-turn.ts'
import { requestFor } from '../adapters/build/repo-on-disk.ts'
import { BUILT } from '../manifests/sample.ts'

const never = new AbortController().signal
const quiet = () => {}

/** A builder whose builds end when they are told to. */
function held(needsSource: boolean) {
  const begun: { readonly name: string; readonly end: () => void }[] = []
  const builder: ImageBuilder = {
    name: 'tests',
    needsSource,
    close: async () => {},
    build: ({ repository, image }) =>
      new Promise((resolve) => {
        begun.push({ name: `${repository} ${image}`, end: () => resolve({ ...BUILT, isReused: false }) })
      }),
  }
  return { builder, begun, names: () => begun.map(({ name }) => name) }
}

it('so many images are built at a time, and a repo of many keeps the next one waiting for one', async () => {
  const { builder, begun, names } = held(true)
  const { build } = buildsInTurn(builder, 1)
  const lines: string[] = []
  const all = [
    ...['web', 'worker', 'jobs'].map((image) => requestFor('', { repository: 'acme/large', image })),
    requestFor('', { repository: 'acme/small', image: null }),
  ].map((request) => build(request, (line) => lines.push(`${request.image}: ${line}`), never))
  expect(names()).toEqual(['acme/large web'])
  expect(lines.map((line) => line.split(':')[0])).toEqual(['worker', 'jobs', 'null'])
  expect(lines[0]).toContain('waiting for its turn')
  for (let nth = 0; nth < all.length; nth++) {
    await vi.waitFor(() => expect(begun).toHaveLength(nth + 1))
    begun[nth]?.end()
  }
  await Promise.all(all)
  expect(names()).toEqual(['acme/large web', 'acme/large worker', 'acme/small null', 'acme/large jobs'])
})

it('who waits and is aborted leaves, and takes nobody’s turn', async () => {
  const { builder, begun, names } = held(true)
  const { build } = buildsInTurn(builder, 1)
  const stop = new AbortController()
  const first = build(requestFor('', { image: 'a' }), quiet, never)
  const second = build(requestFor('', { image: 'b' }), quiet, stop.signal)
  const third = build(requestFor('', { image: 'c' }), quiet, never)
  stop.abort(new Error('superseded'))
  await expect(second).rejects.toThrow('superseded')
  begun[0]?.end()
  await first
  await vi.waitFor(() => expect(names()).toEqual(['acme/shop a', 'acme/shop c']))
  begun[1]?.end()
  await third
})

it('what CI builds is asked for at once, however many are', () => {
  const { builder, begun } = held(false)
  const { build } = buildsInTurn(builder, 1)
  for (const image of ['a', 'b', 'c']) void build(requestFor('', { image }), quiet, never)
  expect(begun).toHaveLength(3)
})

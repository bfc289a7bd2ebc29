/** A WeStage that shares its host with others. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { followRunningPreviews } from '../../src/wehook/running-previews.ts'
import { openFront } from './front.ts'
import { API_TOKEN, openWeStageApi } from './preview-apps.ts'

const FIRST = { pull: 1, callbacks: [] }
const SECOND = { pull: 2, callbacks: [] }

it('is asked for its previews below its path, and followed there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wehook-'))
  const api = await openWeStageApi([FIRST])
  const front = await openFront('/westage', api.url)
  const pulls: number[] = []
  const following = await followRunningPreviews({
    ...{ westage: new URL(front.url), token: API_TOKEN, folder, everyMs: 3_600_000, now: Date.now },
    found: async (previews) => {
      pulls.splice(0, Infinity, ...previews.map(({ pull }) => pull.number))
    },
    failed: () => {},
  })
  try {
    // WeStage says of a change to who follows it: it is not asked for an hour otherwise.
    await vi.waitFor(() => expect(api.asked()).toBe(2), { timeout: 30_000 })
    expect(pulls).toEqual([1])
    api.lists([FIRST, SECOND])
    await vi.waitFor(() => expect(pulls).toEqual([1, 2]), { timeout: 30_000 })
  } finally {
    await following.close()
    await front.close()
    await api.close()
    await rm(folder, { recursive: true, force: true })
  }
})

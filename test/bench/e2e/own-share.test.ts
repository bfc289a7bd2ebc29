import { describe, expect, it } from 'vitest'
import { type Interval, ownMsOf, type Way } from './own-share.ts'

const at = (fromMs: number, toMs: number): Interval => ({ fromMs, toMs })
/** Told at 100, fetched until 200, built until 700, pushed at 750, live at 950, told at 1000. */
const one: Way = { whole: at(0, 1000), prepared: [at(100, 200), at(200, 700), at(200, 300)], synced: at(750, 950) }

describe('WeStage’s own share of a preview’s way', () => {
  it('is what lies before, between and after what others do', () => {
    expect(ownMsOf([one])).toEqual([100 + 50 + 50])
  })

  it('leaves out waiting while another one is prepared, and counts the rest of the wait', () => {
    const next: Way = { whole: at(0, 1500), prepared: [at(720, 800), at(800, 1300)], synced: at(1300, 1500) }
    expect(ownMsOf([one, next])).toEqual([200, 100 + 20])
  })

  it('does not take another one’s work for its own', () => {
    const other: Way = { whole: at(0, 2000), prepared: [at(50, 60), at(690, 990)], synced: at(990, 2000) }
    expect(ownMsOf([one, other])[0]).toBe(200 - 10)
  })

  it('is all of it where others do nothing, and ends with the whole', () => {
    expect(ownMsOf([{ whole: at(0, 100), prepared: [at(100, 400)], synced: at(400, 500) }])).toEqual([100])
  })
})

import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/manifests/json.ts'
import { suspendCronJobs } from '../../src/manifests/suspend-cron-jobs.ts'
import { changed, only } from './only.ts'

const cron = (spec: JsonObject) => only('batch/v1', 'CronJob', { spec: { schedule: '0 3 * * *', ...spec } })
const suspendIn = (spec: JsonObject, cronJobs: 'all' | readonly string[]) =>
  Object(changed(suspendCronJobs, cron(spec), { cronJobs }).spec).suspend

describe('a CronJob', () => {
  it.each([[{}], [{ suspend: false }], [{ suspend: null }], [{ suspend: true }]])('does not run: %j', (spec) => {
    expect(suspendIn(spec, [])).toBe(true)
  })

  it('does not run in whatever version, nor as a workflow', () => {
    for (const [apiVersion, kind] of [
      ['batch/v1beta1', 'CronJob'],
      ['argoproj.io/v1alpha1', 'CronWorkflow'],
    ] as const) {
      expect(changed(suspendCronJobs, only(apiVersion, kind, { spec: {} })).spec).toEqual({ suspend: true })
    }
  })

  it('runs where it is asked for by name, suspended or not', () => {
    expect(suspendIn({ suspend: true }, ['x'])).toBe(false)
    const manifest = cron({})
    expect(changed(suspendCronJobs, manifest, { cronJobs: ['x'] })).toBe(manifest)
  })

  it('is as the manifests have it where all are asked for', () => {
    expect(suspendIn({ suspend: true }, 'all')).toBe(true)
    expect(suspendIn({}, 'all')).toBe(undefined)
  })

  it('that is not there can’t be asked for', () => {
    expect(() => suspendIn({}, ['nightly', 'x'])).toThrow(
      expect.objectContaining({
        whose: 'author',
        message: "cronJobs of shop asks for nightly, which the manifests don't have: there are x",
      }),
    )
  })

  it('is not a Job', () => {
    const manifest = only('batch/v1', 'Job', { spec: {} })
    expect(changed(suspendCronJobs, manifest)).toBe(manifest)
  })
})

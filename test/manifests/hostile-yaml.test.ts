import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { hostile } from './hostile-yaml.ts'

/** Texts of 100 MB, which are twice that in memory while they are made, and 300 MB beside. */
const MAX_MEMORY_MB = 512
const KILLED_AFTER_MS = 120_000

describe.concurrent('hostile YAML', () => {
  it.each(Object.keys(hostile))(
    'gets one sentence, in bounded time and memory: %s',
    { timeout: KILLED_AFTER_MS * 2 },
    async (name) => {
      const limits = [`--max-old-space-size=${MAX_MEMORY_MB}`, '--import', 'tsx']
      const args = [...limits, join(import.meta.dirname, 'read-hostile-yaml.ts'), name]
      const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: KILLED_AFTER_MS })
      expect(stdout.trim()).toBe(hostile[name]?.said)
    },
  )
})

import { configDefaults, defineConfig } from 'vitest/config'
import { HeaviestFirst } from './test/heaviest-first.ts'

/** Of values and files only: they start no server, and leave nothing in a process for the next test file in it. */
const PURE = ['domain', 'manifests', 'policy', 'settings', 'config', 'docs'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
)

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
    maxWorkers: 2,
    sequence: { sequencer: HeaviestFirst },
    projects: [
      {
        extends: true,
        test: { name: 'pure', include: PURE, isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...PURE],
          globalSetup: ['test/run-folder.ts'],
        },
      },
    ],
  },
})

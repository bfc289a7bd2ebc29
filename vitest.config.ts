import { configDefaults, defineConfig } from 'vitest/config'
import { HeaviestFirst } from './test/heaviest-first.ts'

const testsIn = (folders: readonly string[]) => folders.map((folder) => `test/${folder}/**/*.test.ts`)

/** Of values and files only: they start no server, and leave nothing in a process for the next test file in it. */
const PURE = testsIn(['domain', 'manifests', 'policy', 'settings', 'config', 'docs'])
/** They end what they start, change nothing of their process for good, and look at nothing else in it. */
const TIDY = [
  ...testsIn(['reconcile', 'worker', 'web', 'addons', 'argocd', 'servers', 'wehook']),
  ...testsIn(['adapters/{archive,argocd,github,gitops,kubernetes,kustomize,registry,runs}']),
  // Not those that look at the memory or the warnings of their process.
  'test/twig/!(abort-signals|memory|pack-room|unpack).test.ts',
]

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
          name: 'tidy',
          include: TIDY,
          isolate: false,
          globalSetup: ['test/run-folder.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...PURE, ...TIDY],
          globalSetup: ['test/run-folder.ts'],
        },
      },
    ],
  },
})

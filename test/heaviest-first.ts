import { relative, resolve } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const ROOT = resolve(import.meta.dirname, '..')

/** The test files that take longest, that first. One that came last would be waited for by a machine with nothing to do. */
const HEAVIEST = [
  'test/jobs/away.test.ts',
  'test/jobs/killed.test.ts',
  'test/loop/trouble.test.ts',
  'test/loop/superseded.test.ts',
  'test/loop/people.test.ts',
  'test/e2e/e2e.test.ts',
  'test/demo/demo.test.ts',
  'test/cli/killed-buildkit-builds.test.ts',
  'test/prepare-worker/same-bundle.test.ts',
  'test/cli/serve.test.ts',
  'test/loop/loop.test.ts',
  'test/cli/gc-images.test.ts',
  'test/loop/restart.test.ts',
  'test/adapters/build/aborted-buildah-builds.test.ts',
  'test/adapters/build/aborted-buildkit-builds.test.ts',
  'test/e2e/people.test.ts',
  'test/cli/refusals.test.ts',
  'test/twig/many-writers.test.ts',
]

/** Those before all others, which are in vitest's own order. */
export class HeaviestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ordered = await super.sort(files)
    const placeOf = ({ moduleId }: TestSpecification) => {
      const place = HEAVIEST.indexOf(relative(ROOT, moduleId))
      return place === -1 ? HEAVIEST.length : place
    }
    return ordered.toSorted((one, other) => placeOf(one) - placeOf(other))
  }
}

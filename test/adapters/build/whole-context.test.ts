import { expect, it } from 'vitest'
import { mountsContext } from '../../../src/adapters/build/whole-context.ts'

it.each([
  ['RUN --mount=type=bind,target=/src make', true],
  ['RUN --mount=target=/src make', true],
  ['RUN --mount=type=cache,target=/c \\\n  --mount="type=bind,target=/src" make', true],
  ['RUN --mount=type=bind,from=base,target=/src make', false],
  ['RUN --mount=type=cache,target=/root/.cache make', false],
  ['RUN --mount=type=secret,id=npm npm ci', false],
  ['COPY . /src', false],
])('knows whether a step mounts the context: %s', (dockerfile, mounts) => {
  expect(mountsContext(dockerfile)).toBe(mounts)
})

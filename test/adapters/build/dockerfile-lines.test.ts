import { expect, it } from 'vitest'
import { instructionAt, lineOf } from '../../../src/adapters/build/dockerfile-lines.ts'

const DOCKERFILE = `# syntax=docker/dockerfile:1
FROM node:22 AS build
COPY . .
RUN npm ci && \\
    # a comment between
    npm run build

FROM scratch
COPY . .
copy --from=build  /dist /dist
`

it('finds an instruction whatever its spaces and case', () => {
  expect(lineOf(DOCKERFILE, 'COPY --from=build /dist /dist')).toBe(10)
})

it('finds an instruction that goes over several lines where it begins', () => {
  expect(lineOf(DOCKERFILE, 'RUN npm ci &&     npm run build')).toBe(4)
  expect(instructionAt(DOCKERFILE, 4)).toBe('RUN npm ci && npm run build')
})

it('names no line where it would have to guess', () => {
  expect(lineOf(DOCKERFILE, 'COPY . .')).toBeNull()
  expect(lineOf(DOCKERFILE, 'RUN make')).toBeNull()
  expect(instructionAt(DOCKERFILE, 5)).toBeNull()
})

it('knows the other escape character', () => {
  expect(lineOf('# escape=`\nFROM a\nRUN dir `\n  c:\\\nRUN b\n', 'RUN b')).toBe(5)
})

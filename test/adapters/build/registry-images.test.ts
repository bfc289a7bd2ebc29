import { expect, it } from 'vitest'
import { checkImages } from '../../../src/adapters/build/registry-images.ts'
import { Terminal } from '../../../src/domain/errors.ts'

const check = (text: string) => () =>
  checkImages({ context: '/context', dockerfile: { name: 'web/Dockerfile', path: '/context/web/Dockerfile', text } })

const VICTIM = 'containers-storage:[vfs@/cache/victim/0/root+/cache/victim/0/run]localhost/westage/victim'

it.each([
  ['FROM', `FROM ${VICTIM}`],
  ['FROM with a platform and a name', `FROM --platform=linux/amd64 ${VICTIM} AS base`],
  ['FROM in quotes', 'FROM "d"ir:/host/path'],
  ['FROM with an escape', 'FROM d\\ir:/host/path'],
  ['FROM over two lines', 'from \\\n  oci-archive:/host/file'],
  ['a default of ARG', `ARG BASE=${VICTIM}\nFROM $BASE`],
  ['defaults of ARG that are put together', `ARG A='contai' B=\${A}ners-stor\nFROM \${B}age:image`],
  ['a default in FROM', `FROM \${BASE:-docker-daemon:image:1}`],
  ['an alternative in FROM', `ARG A=1\nFROM \${A:+dir:/host/path}`],
  ['an expansion that is not worked out', `ARG A=xdir:/host\nFROM \${A#x}`],
  ['COPY', `FROM scratch\nCOPY --chown=1 --from=${VICTIM} /a /a`],
  ['COPY by a variable', 'FROM somebody/image\nCOPY --from=$ELSEWHERE /a /a'],
  ['a mount of RUN', 'FROM a\nRUN --network=none --mount=type=bind,target=/a,from=dir:/host/path cat /a/b'],
  ['a mount of RUN in quotes', 'FROM a\nRUN --mount="type=bind,from=oci:/host/path,target=/a" cat /a/b'],
  ['what is left to a later build', 'FROM a\nONBUILD COPY --from=tarball:/etc/passwd / /'],
])('refuses an image of this machine in %s, and names the line', (_, dockerfile) => {
  const line = dockerfile.split('\n').length - (dockerfile.startsWith('from \\') ? 1 : 0)
  expect(check(dockerfile)).toThrow(Terminal)
  expect(check(dockerfile)).toThrow(`web/Dockerfile:${line}: `)
})

it.each([
  'FROM node:22 AS build\nFROM scratch\nCOPY --from=build /dist /dist\nCOPY --from=0 /a /a',
  'FROM docker://registry.example.com:5000/team/dir:1',
  'FROM localhost:5000/oci:1',
  'FROM docker:27-cli\nCOPY --from=nginx:1 /etc/nginx /etc/nginx',
  `ARG VERSION=22\nARG BASE=node:\${VERSION}\nFROM --platform=$BUILDPLATFORM $BASE\nARG OUT=dir:/srv\nENV B=oci:/a`,
  'FROM a\nRUN --mount=type=cache,target=/root/.cache cp dir:/a "$HOME" && skopeo copy oci:a dir:b',
  'FROM a\nRUN --mount=type=bind,from=build,target=/a --mount=type=secret,id=$ID echo from=dir:/a',
])('takes what comes from registries and from other stages: %j', (dockerfile) => {
  expect(check(dockerfile)).not.toThrow()
})

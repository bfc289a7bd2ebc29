import { describe, expect, it } from 'vitest'
import { frontendOf, namesOtherFrontend } from '../../../src/adapters/build/frontend.ts'

const frontendFor = (text: string, allowed: readonly string[] = []) =>
  frontendOf({ context: '/repo', dockerfile: { name: 'web/Dockerfile', path: '/repo/web/Dockerfile', text } }, allowed)

describe('a Dockerfile', () => {
  it.each([
    'FROM scratch\n',
    '# syntax=docker/dockerfile:1\nFROM scratch\n',
    '# syntax=docker.io/docker/dockerfile:1.9@sha256:0123 --flag\nFROM scratch\n',
    '# escape=`\n#Syntax = docker/dockerfile\nFROM scratch\n',
    // What stands below anything else is a comment.
    '# the page\n# syntax=acme/frontend\nFROM scratch\n',
    '\n# syntax=acme/frontend\nFROM scratch\n',
    '# escape=\\\nFROM scratch\n# syntax=acme/frontend\n',
    '{ "syntax": 7 }',
  ])('is read by BuildKit’s own frontend where it names no other: %j', (text) => {
    expect(frontendFor(text)).toBe('built in')
  })

  it.each([
    ['# syntax=acme/frontend:1\nFROM scratch\n', 1, 'acme/frontend:1'],
    ['# syntax=docker/dockerfile:1-labs\nFROM scratch\n', 1, 'docker/dockerfile:1-labs'],
    ['# syntax=docker/dockerfile-upstream:master\nFROM scratch\n', 1, 'docker/dockerfile-upstream:master'],
    ['# syntax=acme/docker/dockerfile:1\nFROM scratch\n', 1, 'acme/docker/dockerfile:1'],
    ['# syntax=docker.io.acme.test/docker/dockerfile:1\n', 1, 'docker.io.acme.test/docker/dockerfile:1'],
    ['\uFEFF# check=skip=all\r\n#  SYNTAX = acme/frontend --debug\r\nFROM scratch\n', 2, 'acme/frontend'],
    ['#!/usr/bin/env build\n# syntax=acme/frontend\nFROM scratch\n', 2, 'acme/frontend'],
    ['// syntax=acme/frontend\n', 1, 'acme/frontend'],
    ['{ "from": "scratch",\n "syntax": "acme/frontend" }', 1, 'acme/frontend'],
  ])('that names another is refused with the line: %j', (text, line, image) => {
    expect(() => frontendFor(text)).toThrow(
      `web/Dockerfile:${line}: syntax=${image}: this instance builds with BuildKit's own frontend`,
    )
  })

  it('may name another that operators allow, which then reads it', () => {
    const allowed = ['docker/dockerfile:1-labs', 'acme/frontends/*']
    expect(frontendFor('# syntax=docker/dockerfile:1-labs\n', allowed)).toBe('named')
    expect(frontendFor('# syntax=acme/frontends/go:2\n', allowed)).toBe('named')
    expect(() => frontendFor('# syntax=docker/dockerfile:1-labs2\n', allowed)).toThrow('1-labs2')
  })
})

it.each([
  ['# syntax=docker/dockerfile:1\nFROM a', false],
  ['#syntax = docker.io/docker/dockerfile-upstream:master-labs\nFROM a', false],
  ['FROM a', false],
  ['# syntax=evil.example.com/frontend\nFROM a', true],
  ['#!/usr/bin/env x\n// syntax=evil/frontend\n', true],
  ['# key=value\n# syntax=evil/frontend\nFROM a', true],
  ['{ "from": "scratch",\n "syntax": "evil/frontend" }', true],
  ['{"syntax":"evil/frontend"}', true],
  ['{ "syntax": "docker/dockerfile:1" }', false],
  ['{ "from": "scratch", "syntax": "evil/frontend" }', true],
  ['{ "syn\\u0074ax": "evil/frontend" }', true],
])('is taken to see what is ignored where somebody else’s frontend reads the Dockerfile: %j', (dockerfile, names) => {
  expect(namesOtherFrontend(dockerfile)).toBe(names)
})

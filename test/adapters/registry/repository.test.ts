import { expect, it } from 'vitest'
import { isTag, parseRepository } from '../../../src/adapters/registry/repository.ts'

it.each([
  ['registry.example.com:5000/team/app', 'registry.example.com:5000', 'team/app'],
  ['ghcr.io/acme/shop', 'ghcr.io', 'acme/shop'],
  ['localhost/app', 'localhost', 'app'],
  ['127.0.0.1:5000/a/b/c', '127.0.0.1:5000', 'a/b/c'],
  ['[::1]:5000/app', '[::1]:5000', 'app'],
  ['team/app', 'docker.io', 'team/app'],
  ['nginx', 'docker.io', 'library/nginx'],
  ['docker.io/nginx', 'docker.io', 'library/nginx'],
  ['index.docker.io/team/app', 'docker.io', 'team/app'],
])('reads %s as docker does', (text, registry, repository) => {
  expect(parseRepository(text)).toEqual({ registry, repository })
})

it.each([
  ['', 'is empty'],
  ['https://ghcr.io/acme/shop', 'leave the scheme out'],
  ['ghcr.io/Acme/shop', 'has upper case letters'],
  ['ghcr.io/acme/shop:1', 'has a tag'],
  ['ghcr.io/acme/shop@sha256:abc', 'has a digest'],
  ['ghcr.io/acme//shop', 'lower case letters'],
  ['ghcr.io/acme/shop/', 'lower case letters'],
  ['ghcr.io/../shop', 'lower case letters'],
  ['ghcr..io/shop', 'which is no host'],
  ['registry:port/shop', 'which is no host'],
  [`ghcr.io/${'a'.repeat(250)}`, 'longer than 255'],
])('refuses %j, saying why', (text, why) => {
  expect(() => parseRepository(text)).toThrow(why)
})

it('knows what may be a tag', () => {
  for (const tag of ['latest', 'v1.2_3-x', 'A', 'a'.repeat(128)]) expect(isTag(tag)).toBe(true)
  for (const tag of ['', '.a', '-a', 'a/b', 'a b', 'a'.repeat(129)]) expect(isTag(tag)).toBe(false)
})

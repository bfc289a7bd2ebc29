import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineCleaner } from '../../../src/adapters/runs/clean-lines.ts'
import { redactorOf } from '../../../src/adapters/runs/redact.ts'

const SECRET = 'p4ss/w0rd+of=some&length'
const clean = (text: string, secrets: readonly string[] = []) => lineCleaner(redactorOf(secrets))(text)
const jwt = `eyJ${'hbGciOiJIUzI1NiJ9'}.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U`

describe('a line of a log', () => {
  it.each([
    ['\u001b[31mred\u001b[0m and \u001b[1;32mgreen\u001b[m', 'red and green'],
    ['\u001b]8;;https://a.test\u0007a link\u001b]8;;\u0007', 'a link'],
    ['\u001b]0;title\u001b\\after', 'after'],
    ['a\u0000b\u0008c\u007fd\u0085e\tf', 'abcde\tf'],
    ['left\u202eright\u2066x\u2028y', 'leftrightxy'],
    ['naïve 日本 👩‍👩‍👧', 'naïve 日本 👩‍👩‍👧'],
  ])('%j reads %j', (raw, text) => expect(clean(raw)).toEqual([text]))

  it('is one of several where a tool printed several', () => {
    expect(clean('one\ntwo\r\nthree\rfour')).toEqual(['one', 'two', 'three', 'four'])
  })

  it('is cut where it is very long, never inside of a character', () => {
    const [line = ''] = clean('😀'.repeat(100_000))
    expect(line.length).toBeLessThan(4100)
    expect(line).toMatch(/😀 …$/u)
    expect(line).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/)
  })
})

describe('a secret of this instance', () => {
  it.each([
    ['as it is', SECRET],
    ['in a URL', encodeURIComponent(SECRET)],
    ['in JSON', JSON.stringify(SECRET)],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in base64url', Buffer.from(SECRET).toString('base64url')],
    ['colored', `${SECRET.slice(0, 5)}\u001b[1m${SECRET.slice(5)}`],
    ['with a NUL in it', `${SECRET.slice(0, 5)}\u0000${SECRET.slice(5)}`],
  ])('is not shown %s', (_, form) => {
    expect(clean(`before ${form} after`, [SECRET])[0]).toMatch(/^before "?\*\*\*"? after$/)
  })

  it('is not shown where a line of several is in base64', () => {
    const lines = ['machine registry.test', 'password p4ss-of-the-registry']
    for (const line of lines) {
      const encoded = Buffer.from(line).toString('base64')
      expect(clean(`got ${encoded}`, [`${lines.join('\n')}\n`])[0]).toMatch(/^got \*\*\*=*$/)
    }
  })

  it('is not shown in base64 wherever in a longer text it stands', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 9 }), fc.string({ maxLength: 5 }), (before, after) => {
        const encoded = Buffer.from(`${before}:${SECRET}${after}`).toString('base64')
        const [line = ''] = clean(`got ${encoded}`, [SECRET])
        expect(line).toContain('***')
        const shown = Buffer.from(line.replace('got ', '').split('***').join(''), 'base64').toString()
        expect(shown).not.toContain(SECRET.slice(2, -2))
      }),
    )
  })

  it('is not shown in part where its line is cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12_000 }), fc.nat(4), (before, others) => {
        const line = `${'-'.repeat(before)}${SECRET}${` ${SECRET}`.repeat(others * 50)}${'-'.repeat(9000)}`
        const [shown = ''] = clean(line, [SECRET])
        expect(shown).not.toContain(SECRET.slice(0, 4))
        expect(shown.length).toBeLessThan(4100)
      }),
      { numRuns: 300 },
    )
  })

  it("is not shown line by line where it is a private key, nor is anybody else's", () => {
    const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' })
    const body = key
      .toString()
      .split('\n')
      .filter((line) => !line.startsWith('-----') && line !== '')
    for (const line of body) expect(clean(`#7 0.1 ${line}`, [key.toString()])).toEqual(['#7 0.1 ***'])

    const write = lineCleaner(redactorOf([]))
    const shown = ['before', ...key.toString().trim().split('\n'), 'after'].flatMap(write)
    expect(shown).toEqual(['before', '***', 'after'])
    expect(clean(`KEY="${key.toString().replaceAll('\n', '\\n')}" next`)).toEqual(['KEY="***\\n" next'])
  })

  it('is not shown where it is a private key that begins behind the cut of a line, nor where it ends on one', () => {
    const [BEGIN, END] = ['-----BEGIN PRIVATE KEY-----', '-----END PRIVATE KEY-----']
    const write = lineCleaner(redactorOf([]))
    const long = 'x'.repeat(20_000)
    const lines = [`${long}${BEGIN}`, 'half', `other half${END}after`, `${BEGIN}${long}${END}`, 'next']
    expect(lines.flatMap(write).map((line) => line.slice(0, 10))).toEqual(['x'.repeat(10), 'after', ' …', 'next'])
  })

  it('may be short, and then ordinary words stay readable', () => {
    expect(clean('a cat', ['a'])).toEqual(['a cat'])
  })
})

describe("somebody else's secret", () => {
  it.each([
    ['ghs_abcdefghijklmnopqrstuvwxyz0123456789 used', '*** used'],
    ['x=ghp_abcdefghijklmnopqrstuvwxyz0123456789', 'x=***'],
    ['github_pat_11ABCDEFG0abcdefghijklm_nopqrstuvwxyz', '***'],
    ['gho_abcdefghijklmnopqrstuvwxyz0123456789', '***'],
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: ***'],
    ['> authorization: AWS4-HMAC-SHA256 Credential=a/b, Signature=cc', '> authorization: ***'],
    [`curl -H 'Authorization: token abc' https://a.test`, `curl -H 'Authorization: ***' https://a.test`],
    ['{"Authorization": "Bearer abc def", "x": 1}', '{"Authorization": "***", "x": 1}'],
    ['got Bearer abcdefghijklmnopqrstuv', 'got Bearer ***'],
    ['fatal: https://user:p@ss@git.test/a.git not found', 'fatal: https://***@git.test/a.git not found'],
    ['postgres://app:hunter2@db:5432/x', 'postgres://***@db:5432/x'],
    ['AKIAIOSFODNN7EXAMPLE', '***'],
    ['aws_secret_access_key = wJalrXUtnFEMI/K7MDENG', 'aws_secret_access_key = ***'],
    [`id ${jwt} end`, 'id *** end'],
    ['{"auths":{"r":{"auth":"dXNlcjpwYXNz"}}}', '{"auths":{"r":{"auth":"***"}}}'],
  ])('%s reads %s', (raw, text) => expect(clean(raw)).toEqual([text]))

  it('is not seen in what is none', () => {
    const lines = [
      'FROM node:20@sha256:0123456789abcdef',
      'see https://github.test/a/b/pull/7?x=@y and mail a@b.test',
      'the bearer of this note; AKIA; eyJ; authorization is needed',
    ]
    expect(lines.flatMap((line) => clean(line))).toEqual(lines)
  })

  it('is looked for in a time that grows with the line only', () => {
    const keys = `-----END ${'-----BEGIN PRIVATE KEY-----'.repeat(40_000)}`
    const hostile = [
      keys,
      `${keys}-----END `,
      'a.'.repeat(50_000),
      'a://'.repeat(30_000),
      'eyJ-'.repeat(30_000),
      '"authorization'.repeat(9000),
    ]
    const startedAtMs = performance.now()
    for (const line of hostile) clean(line, [SECRET])
    expect(performance.now() - startedAtMs).toBeLessThan(5000)
  })
})

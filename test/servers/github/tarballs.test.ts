import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Ask, askAsInstallation } from './ask.ts'
import { type GitHub, startGitHub } from './github.ts'

const DEEP = `${'deep/'.repeat(60)}file.txt`

describe('archives of the GitHub double', () => {
  let github: GitHub
  let ask: Ask
  let sha = ''
  let nowMs = Date.now()
  beforeEach(async () => {
    nowMs = Date.now()
    github = await startGitHub({ now: () => nowMs })
    github.addRepository('acme/shop', {
      'README.md': 'shop',
      'bin/run': { content: '#!/bin/sh\n', isExecutable: true },
      'bin/link': { linkTo: 'run' },
      [DEEP]: 'x'.repeat(1000),
      [`wide/${'w'.repeat(120)}`]: 'w',
    })
    const number = github.openPull('acme/shop', { branch: 'feat/a', files: { 'README.md': 'better' } })
    sha = github.headOf('acme/shop', number)
    ask = await askAsInstallation(github, 'acme/shop')
  })
  afterEach(() => github.close())

  const linkTo = async (ref: string) => {
    const { status, headers } = await ask('GET', `/repos/acme/shop/tarball/${ref}`)
    expect(status).toBe(302)
    return headers.get('location') ?? ''
  }
  const download = async (url: string) => {
    const response = await fetch(url)
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) }
  }

  it('are real tars under one folder named after owner, repo and commit', async () => {
    const { status, bytes } = await download(await linkTo(sha))
    expect(status).toBe(200)
    const top = `acme-shop-${sha.slice(0, 7)}/`
    const entries = await entriesOf(bytes)
    expect(entries.get(`${top}README.md`)).toMatchObject({ type: 'File', size: 6 })
    expect(entries.get(`${top}bin/run`)?.mode).toBe(0o775)
    expect(entries.get(`${top}bin/link`)).toMatchObject({ type: 'SymbolicLink', linkpath: 'run' })
    expect(entries.get(`${top}${DEEP}`)?.size).toBe(1000)
    expect([...entries.keys()].every((path) => path.startsWith(top))).toBe(true)
  })

  it('carry the whole commit id in a global pax header, as git archive does', async () => {
    const { bytes } = await download(await linkTo('feat%2Fa'))
    expect(gunzipSync(bytes).subarray(0, 1024).toString('latin1')).toContain(`52 comment=${sha}\n`)
  })

  it('are the same bytes for the same commit', async () => {
    const [one, two] = [await download(await linkTo(sha)), await download(await linkTo(`pull%2F1%2Fhead`))]
    const digest = (bytes: Buffer) => createHash('sha256').update(gunzipSync(bytes)).digest('hex')
    expect(digest(one.bytes)).toBe(digest(two.bytes))
  })

  it('are given once per link, within five minutes', async () => {
    const link = await linkTo(sha)
    expect((await download(link)).status).toBe(200)
    expect((await download(link)).status).toBe(404)
    const late = await linkTo(sha)
    nowMs += 300_000
    expect((await download(late)).status).toBe(404)
    expect((await download(`${github.apiUrl}/codeload/acme/shop/legacy.tar.gz/${sha}`)).status).toBe(404)
  })

  it('of a commit that does not exist are missing only behind the redirect', async () => {
    expect((await download(await linkTo('f'.repeat(40)))).status).toBe(404)
  })

  it('need contents: read', async () => {
    github.setPermissions('acme', { contents: null })
    const { status, headers } = await ask('GET', `/repos/acme/shop/tarball/${sha}`)
    expect([status, headers.get('x-accepted-github-permissions')]).toEqual([403, 'contents=read'])
  })
})

async function entriesOf(bytes: Buffer): Promise<Map<string, ReadEntry>> {
  const entries = new Map<string, ReadEntry>()
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      entries.set(entry.path, entry)
      entry.resume()
    },
  })
  const done = new Promise<void>((resolve, reject) => parser.on('end', resolve).on('error', reject))
  parser.end(bytes)
  await done
  return entries
}

import { expect, it } from 'vitest'
import { advertisementIn } from '../../src/twig/advertisement.ts'
import { parsePackets, pktLine } from '../../src/twig/pkt-line.ts'
import * as v0 from '../../src/twig/protocol-v0.ts'
import * as v2 from '../../src/twig/protocol-v2.ts'
import { outcomeIn } from '../../src/twig/receive-pack.ts'
import type { FetchRequest } from '../../src/twig/transport.ts'
import { unpack } from '../../src/twig/unpack.ts'
import { git } from '../servers/git-cli.ts'
import { startGitServer } from '../servers/git-server.ts'
import { afterTest } from './branches.ts'
import { START } from './everyday.ts'

const REF = 'refs/heads/main'

/** What a real server answers; over HTTP/1.0 an answer ends with its connection, so that its length tells nothing. */
async function answersOf() {
  const server = await startGitServer({ repositories: { gitops: { files: START } } })
  afterTest(() => server.close())
  const url = server.url('gitops')
  const tip = await git(['rev-parse', 'main'], { cwd: server.dir('gitops') })
  const version2 = { 'git-protocol': 'version=2' }
  const bytes = async (asked: Promise<Response>) => Buffer.from(await (await asked).arrayBuffer())
  const discover = (headers = {}) => bytes(fetch(`${url}/info/refs?service=git-upload-pack`, { headers }))
  const post = (body: Buffer, headers = {}) =>
    bytes(
      fetch(`${url}/git-upload-pack`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-git-upload-pack-request', ...headers },
        body: new Uint8Array(body),
      }),
    )
  const wanted: FetchRequest = { wants: [tip], depth: 1, have: null, leaveOut: { treesFrom: 3 } }
  const said = (names: readonly string[]) => ({ version: 0, refs: new Map(), capabilities: new Set(names) }) as const
  return {
    discovered2: await discover(version2),
    discovered0: await discover(),
    refs2: await post(v2.lsRefsRequest(REF), version2),
    pack2: await post(v2.fetchRequest(wanted, 'trees'), version2),
    pack0: await post(v0.fetchRequest(wanted, 'all', said(['shallow', 'side-band-64k']))),
    bare0: await post(v0.fetchRequest(wanted, 'all', said([]))),
  }
}

function fetchedIn(pieces: readonly Buffer[]) {
  const answer = v2.openFetchAnswer()
  for (const piece of pieces) answer.read(piece)
  return answer.fetched()
}

it('takes no answer for whole that is not, whatever the length that it was cut to', async () => {
  const { discovered2, discovered0, refs2, pack2, pack0, bare0 } = await answersOf()
  const objectsIn = ({ pack }: { pack: Buffer }) => {
    let count = 0
    unpack(
      pack,
      () => null,
      () => (count += 1),
    )
    return count
  }
  const readers: [string, Buffer, (answer: Buffer) => unknown][] = [
    ['version 2', discovered2, (answer) => advertisementIn(parsePackets(answer))],
    ['version 0', discovered0, (answer) => advertisementIn(parsePackets(answer))],
    ['refs', refs2, (answer) => v2.tipIn(parsePackets(answer), REF)],
    ['trees', pack2, (answer) => objectsIn(fetchedIn([answer]))],
    ['a tip in bands', pack0, (answer) => objectsIn(v0.fetchedIn(answer))],
    ['a tip without bands', bare0, (answer) => objectsIn(v0.fetchedIn(answer))],
  ]
  for (const [name, answer, read] of readers) {
    expect(read(answer), name).toBeTruthy()
    for (let length = 0; length < answer.length; length += 1) {
      expect(() => read(answer.subarray(0, length)), `${name} cut to ${length}`).toThrow()
    }
  }
})

it('reads what comes in pieces as what comes at once, wherever they end', async () => {
  const { pack2 } = await answersOf()
  const whole = fetchedIn([pack2]).pack
  expect(whole.length).toBeGreaterThan(0)
  for (let at = 0; at <= pack2.length; at += 1) {
    expect(fetchedIn([pack2.subarray(0, at), pack2.subarray(at)]).pack.equals(whole)).toBe(true)
  }
  expect(fetchedIn(Array.from(pack2, (byte) => Buffer.of(byte))).pack.equals(whole)).toBe(true)
})

it('reads a report whole, in its newer form too, and of a part never that the push was refused', () => {
  const lines = ['unpack ok\n', `ok ${REF}\n`, `option refname ${REF}\n`, 'option forced-update\n']
  const report = Buffer.concat([...lines.map(pktLine), Buffer.from('0000')])
  const size = (report.length + 5).toString(16).padStart(4, '0')
  const inBands = Buffer.concat([Buffer.from(`${size}\x01`), report, Buffer.from('0000')])
  for (const answer of [report, inBands]) {
    expect(outcomeIn(parsePackets(answer), REF)).toEqual({ kind: 'applied' })
    for (let length = 0; length < answer.length; length += 1) {
      const outcome = () => outcomeIn(parsePackets(answer.subarray(0, length)), REF)
      try {
        expect(outcome()).toEqual({ kind: 'applied' })
      } catch (error) {
        expect(String(error)).toMatch(/cut|did not take the push/)
      }
    }
  }
})

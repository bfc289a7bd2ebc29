import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { exampleOf } from './examples.ts'
import { type GitHub, startGitHub } from './github.ts'
import { isJsonObject, type JsonObject } from './json.ts'

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

describe('webhooks of the GitHub double', () => {
  let github: GitHub
  let receiver: Server
  let url = ''
  let received: Received[] = []
  beforeEach(async () => {
    received = []
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
        response.writeHead(202).end()
      })
    }).listen(0, '127.0.0.1')
    await once(receiver, 'listening')
    const address = receiver.address()
    url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/` : ''
    github = await startGitHub()
    github.addRepository('acme/shop', { 'README.md': 'shop' })
    github.sendWebhooksTo(url)
  })
  afterEach(async () => {
    await github.close()
    receiver.closeAllConnections()
    receiver.close()
  })

  const events = () =>
    received.map(({ headers, body }) => `${String(headers['x-github-event'])}.${String(actionOf(body))}`)

  it('are signed over their raw bytes and carry the headers that GitHub sends', async () => {
    github.ping()
    await github.delivered()
    const [{ headers, body } = { headers: {}, body: '' }] = received
    const signature = createHmac('sha256', github.webhookSecret).update(body).digest('hex')
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-github-event': 'ping',
      'x-github-delivery': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-hub-signature-256': `sha256=${signature}`,
      'user-agent': expect.stringMatching(/^GitHub-Hookshot\//),
    })
    expect(github.deliveries.at(-1)?.attempts).toMatchObject([{ status: 202 }])
  })

  it('follow what people do to a pull request', async () => {
    github.onDelivery(({ event }) => (event === 'pull_request' ? 'send' : 'lose'))
    const steps = [
      () => github.openPull('acme/shop', { branch: 'a', files: { a: '1' } }),
      () => github.label('acme/shop', 1, 'westage'),
      () => github.push('acme/shop', 1, { a: '2' }),
      () => github.editPull('acme/shop', 1, 'Better'),
      () => github.unlabel('acme/shop', 1, 'westage'),
      () => github.closePull('acme/shop', 1),
      () => github.reopenPull('acme/shop', 1),
      () => github.mergePull('acme/shop', 1),
    ]
    for (const step of steps) {
      step()
      await github.delivered()
    }
    expect(events()).toEqual(
      ['opened', 'labeled', 'synchronize', 'edited', 'unlabeled', 'closed', 'reopened', 'closed'].map(
        (action) => `pull_request.${action}`,
      ),
    )
    const payloads = github.deliveries.filter(({ event }) => event === 'pull_request').map(({ payload }) => payload)
    expect(payloads[1]).toMatchObject({ label: { name: 'westage' }, installation: { id: expect.any(Number) } })
    expect(payloads[2]).toMatchObject({ before: expect.any(String), after: github.headOf('acme/shop', 1) })
    expect(payloads[3]).toMatchObject({ changes: { title: { from: 'a' } } })
    expect(payloads[7]).toMatchObject({ pull_request: { merged: true, merged_at: expect.any(String) } })
  })

  it('follow what owners do to the installation', () => {
    github.addRepository('acme/blog', {})
    github.removeFromInstallation('acme/blog')
    github.suspend('acme')
    github.unsuspend('acme')
    github.uninstall('acme')
    expect(github.deliveries.map(({ event, action }) => `${event}.${String(action)}`)).toEqual([
      'installation.created',
      'installation_repositories.added',
      'installation_repositories.removed',
      'installation.suspend',
      'installation.unsuspend',
      'installation.deleted',
    ])
    expect(github.deliveries[0]?.payload).toMatchObject({ repositories: [{ full_name: 'acme/shop' }] })
  })

  it('ask for a Check suite with every push, where the App may write checks', () => {
    github.openPull('acme/shop', { branch: 'a', files: { a: '1' } })
    expect(github.deliveries.at(-2)).toMatchObject({ event: 'check_suite', action: 'requested' })
    github.setPermissions('acme', { checks: 'read' })
    github.push('acme/shop', 1, { a: '2' })
    expect(github.deliveries.at(-1)).toMatchObject({ event: 'pull_request', action: 'synchronize' })
  })

  it('have every key of the example that they start from', () => {
    github.openPull('acme/shop', { branch: 'a', files: { a: '1' } })
    github.label('acme/shop', 1, 'westage')
    github.push('acme/shop', 1, { a: '2' })
    github.unlabel('acme/shop', 1, 'westage')
    github.closePull('acme/shop', 1)
    github.reopenPull('acme/shop', 1)
    github.rerunSuite('acme/shop', github.headOf('acme/shop', 1))
    const check = github.addForeignCheckRun('acme/shop', github.headOf('acme/shop', 1), {
      name: 'ci',
      conclusion: 'success',
    })
    github.rerunCheck(check)
    github.suspend('acme')
    github.unsuspend('acme')
    github.deleteRepository('acme/shop')
    for (const { event, action, payload } of github.deliveries)
      expect({ event, action, missing: missingKeys(payload, exampleOf(event, action)) }).toEqual({
        event,
        action,
        missing: [],
      })
  })

  it('can be lost, doubled, and held back to come in another order', async () => {
    github.onDelivery(({ action }) => (action === 'labeled' ? 'twice' : action === 'opened' ? 'lose' : 'hold'))
    github.openPull('acme/shop', { branch: 'a', files: { a: '1' } })
    github.label('acme/shop', 1, 'westage')
    github.closePull('acme/shop', 1)
    await github.delivered()
    expect(events()).toEqual(['pull_request.labeled', 'pull_request.labeled'])
    github.releaseHeld('reversed')
    await github.delivered()
    expect(events().slice(2).sort()).toEqual(['check_suite.requested', 'pull_request.closed'])
  })

  it('are kept and sent again under the same id', async () => {
    github.onDelivery(() => 'lose')
    github.openPull('acme/shop', { branch: 'a', files: { a: '1' } })
    const lost = github.deliveries.at(-1)
    github.redeliver(lost?.id ?? 0)
    await github.delivered()
    expect(received.map(({ headers }) => headers['x-github-delivery'])).toEqual([lost?.guid])
    expect(received[0]?.body).toBe(lost?.body)
  })

  it('note a receiver that does not answer, and try no second time', async () => {
    github.sendWebhooksTo('http://127.0.0.1:1/')
    github.ping()
    await github.delivered()
    expect(github.deliveries.at(-1)?.attempts).toMatchObject([{ status: null }])
  })

  it('end with the double, answered or not', async () => {
    receiver.removeAllListeners('request')
    github.ping()
    await vi.waitFor(async () => expect(await connectionsOf(receiver)).toBe(1))
    await github.close()
    expect(github.deliveries.at(-1)?.attempts).toMatchObject([{ status: null }])
  })
})

const connectionsOf = (server: Server) =>
  new Promise<number>((resolve, reject) =>
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  )

function actionOf(body: string): unknown {
  const value: unknown = JSON.parse(body)
  return isJsonObject(value) ? value.action : undefined
}

/** The repos inside a pull request do not have these any more (GitHub's OpenAPI description). */
const GONE = new Set(['custom_properties'])

/** Keys of the example's objects that ours lack; lists and nulls are not looked into, nor what an owner chooses. */
function missingKeys(ours: JsonObject, example: JsonObject, path = ''): string[] {
  return Object.entries(example).flatMap(([key, value]) => {
    const own = ours[key]
    if (own === undefined) return GONE.has(key) || key === 'organization' ? [] : [`${path}${key}`]
    if (key === 'permissions' || !isJsonObject(value) || !isJsonObject(own)) return []
    return missingKeys(own, value, `${path}${key}.`)
  })
}

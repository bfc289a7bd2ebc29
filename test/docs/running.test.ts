import { load } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigSchema } from '../../src/config/schema.ts'
import { keysOf } from '../../src/web/keys-of.ts'
import { type Connected, connected, forever } from '../adapters/github/connected.ts'
import { allExamples, GITOPS, givenServer } from '../web/given.ts'
import { rowsOf, textOf } from './written.ts'

const PAGE = 'docs/running.md'
const meaningful = [...meaningfulEvents()]

describe('the GitHub App as it is documented', () => {
  let bare: Connected
  beforeAll(async () => {
    bare = await connected({ permissions: {} })
  })
  afterAll(() => bare.github.close())

  it('has exactly the permissions that WeStage asks for', async () => {
    const { missing } = await bare.connection.checkAccess('by token', forever)
    const rows = rowsOf(PAGE, 'permission', 'access', 'for')
    const named = rows.map(([name = '', access = '']) => `${name.toLowerCase().replaceAll(' ', '_')}: ${access}`)
    expect(named.toSorted()).toEqual([...missing].toSorted())
  })

  it('subscribes to exactly the events and actions that mean something', () => {
    const rows = rowsOf(PAGE, 'event', 'actions that count')
    const documented = rows.flatMap(([event, actions = '']) => actions.split(', ').map((each) => `${event} ${each}`))
    const subscribed = meaningful.filter((each) => !each.startsWith('installation'))
    expect(documented.toSorted()).toEqual(subscribed.toSorted())
  })

  it('is said to hear of installations by itself', () => {
    const byThemselves = meaningful.map((each) => each.split(' ')[0] ?? '').filter((event) => /^inst/.test(event))
    for (const event of new Set(byThemselves)) {
      if (event !== 'installation_target') expect(textOf(PAGE)).toContain(`\`${event}\``)
    }
  })
})

/** Each event and action that WeStage does something about, of all that GitHub gives examples for. */
function meaningfulEvents(): Set<string> {
  const events = new Set(allExamples.map(({ name }) => name))
  const actions = new Set(allExamples.map(({ payload }) => String(payload.action)))
  const found = new Set<string>()
  for (const event of events) {
    for (const action of actions) {
      const own = allExamples.filter(({ name }) => name === event)
      const means = own.some(({ payload }) => {
        const keys = keysOf(event, withOwnCheck({ ...payload, action }), () => ['shop'], GITOPS)
        return keys === 'everything' || (typeof keys !== 'string' && keys.length > 0)
      })
      if (means) found.add(`${event} ${action}`)
    }
  }
  return found
}

/** The examples' Check runs are nobody's: this makes one that WeStage made. */
function withOwnCheck(payload: Record<string, unknown>): Record<string, unknown> {
  if (payload.check_run === undefined) return payload
  return { ...payload, repository: { id: 41, full_name: 'acme/shop' }, check_run: { external_id: '41/7/shop' } }
}

describe('the pages and the API as they are documented', () => {
  it('are exactly those that are served', () => {
    const documented = rowsOf(PAGE, 'path', 'shows', 'who may').map(([path = '']) => path.replace(/<[^>]*>/g, ':x'))
    const { app } = givenServer()
    const served = app.routes
      .filter(({ path }) => !path.includes('*'))
      .map(({ path }) => path.replace(/:\w+(\{[^/]*\})?/g, ':x').replace('/:x/:x', '/:x/pr-:x'))
    expect(documented.toSorted()).toEqual([...new Set(served)].toSorted())
  })
})

describe('where kustomize folders are looked for', () => {
  it('is documented in its order', () => {
    const { folders } = ConfigSchema.shape.render.parse({})
    expect(textOf(PAGE)).toContain(folders.map((folder) => `\`${folder}\``).join(', '))
  })
})

describe('what Argo CD and WeStage must agree on', () => {
  it('names settings that are there on both sides', () => {
    const rows = rowsOf(PAGE, '`westage.yaml`', '`argocd/settings.yaml`')
    const settings = rowsOf('docs/settings.md', 'setting', 'type', 'default', 'meaning').map(([key]) => key)
    expect(rows.map(([ours]) => ours).filter((ours) => !settings.includes(ours))).toEqual([])
    const theirs = load(textOf('argocd/settings.yaml'))
    expect(theirs).toMatchObject({ data: Object.fromEntries(rows.map(([, key]) => [key, expect.any(String)])) })
    const count = Object.keys(Object(theirs).data ?? {}).length
    expect(rows).toHaveLength(count)
  })
})

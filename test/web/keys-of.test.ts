import { describe, expect, it } from 'vitest'
import { type AppNamesOf, keysOf as keysOfEvent } from '../../src/web/keys-of.ts'
import { examplesOf, GITOPS } from './given.ts'

const appsOf = (name: string) => (name === 'Codertocat/Hello-World' ? ['hello', 'world'] : ['other'])
const keysOf = (event: string, payload: unknown, apps: AppNamesOf) => keysOfEvent(event, payload, apps, GITOPS)
const PULL_ACTIONS = ['labeled', 'unlabeled', 'opened', 'synchronize', 'reopened', 'closed']

describe('a pull_request webhook', () => {
  it.each([...PULL_ACTIONS, 'edited'])('of action %s is about each app of its repo', (action) => {
    const given = examplesOf('pull_request').filter((payload) => payload.action === action)
    const payloads = given.length > 0 ? given : examplesOf('pull_request').map((payload) => ({ ...payload, action }))
    for (const payload of payloads) {
      const keys = keysOf('pull_request', payload, appsOf)
      const { repository, number } = JSON.parse(JSON.stringify(payload))
      const apps = appsOf(repository.full_name)
      expect(keys).toEqual(apps.map((app) => ({ repositoryId: repository.id, pull: number, app })))
    }
  })

  it.each(['assigned', 'locked', 'review_requested', 'an_action_of_tomorrow'])(
    'of action %s is about none',
    (action) => {
      for (const payload of examplesOf('pull_request'))
        expect(keysOf('pull_request', { ...payload, action }, appsOf)).toEqual([])
    },
  )

  it('is about none where the repo has no app', () => {
    expect(keysOf('pull_request', { ...examplesOf('pull_request')[0], action: 'labeled' }, () => [])).toEqual([])
  })
})

describe('a check_run webhook', () => {
  const [example = {}] = examplesOf('check_run').filter(({ action }) => action === 'rerequested')
  const withId = (external_id: unknown, id: unknown = 41) => ({
    ...example,
    repository: { id, full_name: 'acme/shop' },
    check_run: { external_id },
  })

  it('is about the preview that its external_id names', () => {
    expect(keysOf('check_run', withId('41/7/shop'), appsOf)).toEqual([{ repositoryId: 41, pull: 7, app: 'shop' }])
  })

  it.each(['', null, 'build-77', '42/7/shop', '41/7/../../x'])('is about none where its external_id is %j', (id) => {
    expect(keysOf('check_run', withId(id), appsOf)).toEqual([])
  })

  it('is about none where the examples of GitHub say created, completed or requested_action', () => {
    const others = examplesOf('check_run').filter(({ action }) => action !== 'rerequested')
    expect(others.length).toBeGreaterThan(0)
    for (const payload of others) expect(keysOf('check_run', payload, appsOf)).toEqual([])
  })
})

describe('a check_suite webhook', () => {
  const payloads = examplesOf('check_suite').filter(({ action }) => action === 'rerequested')

  it('asks for each app of each of its pull requests again', () => {
    expect(payloads.length).toBeGreaterThan(0)
    for (const payload of payloads) {
      expect(keysOf('check_suite', payload, appsOf)).toEqual([
        { repositoryId: 186853002, pull: 2, app: 'hello' },
        { repositoryId: 186853002, pull: 2, app: 'world' },
      ])
    }
  })

  it.each([
    ['names none', []],
    ['names one of another repo', [{ number: 2, base: { repo: { id: 99 } } }]],
  ])('asks for everything where it %s', (_, pull_requests) => {
    expect(keysOf('check_suite', { ...payloads[0], check_suite: { pull_requests } }, appsOf)).toBe('everything')
  })
})

describe('a webhook of an installation', () => {
  it.each(['installation', 'installation_repositories'])('%s asks for everything', (event) => {
    expect(examplesOf(event).length).toBeGreaterThan(0)
    for (const payload of examplesOf(event)) expect(keysOf(event, payload, appsOf)).toBe('everything')
  })
})

describe('a push webhook', () => {
  const [example = {}] = examplesOf('push')
  const pushed = (repository: object, ref = 'refs/heads/main') =>
    keysOf('push', { ...example, ref, repository }, appsOf)

  it.each<[string, object]>([
    ['by its clone address', { clone_url: 'https://git.test/acme/previews.git' }],
    ['by its clone address without .git, in other capitals', { clone_url: 'https://git.test/Acme/Previews' }],
    ['by the address that people outside of the cluster have', { clone_url: 'https://git.example/acme/previews.git' }],
    ['by its name', { full_name: 'acme/previews' }],
  ])('is about the GitOps branch where it names it %s', (_, repository) => {
    expect(pushed(repository)).toBe('gitops')
  })

  it('is about the GitOps branch where it is as GitLab sends it', () => {
    const payload = {
      object_kind: 'push',
      ref: 'refs/heads/main',
      project: { path_with_namespace: 'acme/previews', git_http_url: 'https://git.test/acme/previews.git' },
      repository: { name: 'previews', git_http_url: 'https://git.test/acme/previews.git' },
    }
    expect(keysOf('push', payload, appsOf)).toBe('gitops')
    expect(keysOf('push', { ...payload, ref: 'refs/heads/other' }, appsOf)).toEqual([])
  })

  it('is about the GitOps branch of a host that serves its repos below a path', () => {
    const gitops = { url: 'http://gitea:3000/git/acme/previews', branch: 'deploy' }
    const payload = { ref: 'refs/heads/deploy', repository: { full_name: 'acme/previews', clone_url: 'no address' } }
    expect(keysOfEvent('push', payload, appsOf, gitops)).toBe('gitops')
  })

  it.each<[string, object, string?]>([
    ['another branch', { full_name: 'acme/previews' }, 'refs/heads/main2'],
    ['a tag', { full_name: 'acme/previews' }, 'refs/tags/main'],
    ['another repo', { full_name: 'acme/shop', clone_url: 'https://git.test/acme/shop.git' }],
    ['a repo whose name ends alike', { full_name: 'me/previews', clone_url: 'https://git.test/me/previews.git' }],
    ['one without a name', { full_name: '' }],
  ])('to %s is about none', (_, repository, ref) => expect(pushed(repository, ref)).toEqual([]))

  it('of the examples of GitHub is about none', () => {
    expect(examplesOf('push').length).toBeGreaterThan(0)
    for (const payload of examplesOf('push')) expect(keysOf('push', payload, appsOf)).toEqual([])
  })
})

describe('a webhook without its identifiers', () => {
  it.each([
    ['pull_request', {}],
    ['pull_request', { action: 'labeled' }],
    ['pull_request', { action: 'labeled', repository: { id: 1, full_name: 'a/b' }, pull_request: { number: 0 } }],
    ['pull_request', { action: 'labeled', repository: { id: '1', full_name: 'a/b' }, pull_request: { number: 7 } }],
    ['pull_request', { action: 'labeled', repository: { id: 1e300, full_name: 'a/b' }, pull_request: { number: 7 } }],
    ['check_run', { action: 'rerequested', repository: { id: 1, full_name: 'a/b' } }],
    ['check_suite', { action: 'rerequested', repository: { id: 1, full_name: 'a/b' }, check_suite: {} }],
    ['installation', []],
    ['push', { repository: { full_name: 'acme/previews' } }],
    ['push', { ref: 7, repository: { full_name: 'acme/previews' } }],
    ['push', { ref: 'refs/heads/main', repository: [] }],
  ])('is malformed: %s %j', (event, payload) => expect(keysOf(event, payload, appsOf)).toBe('malformed'))
})

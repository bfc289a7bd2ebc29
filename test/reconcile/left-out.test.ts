import { describe, expect, it } from 'vitest'
import { ConfigSchema } from '../../src/config/schema.ts'
import { settingsOf } from '../../src/config/settings-of.ts'
import type { Pull } from '../../src/domain/pull.ts'
import { appsOfPull, leftOutNotice } from '../../src/reconcile/left-out.ts'

const never = new AbortController().signal
const pull: Pull = {
  repository: { id: 1, name: 'acme/mono' },
  ...{ number: 7, url: '', branch: 'pay', author: 'ada', head: 'a'.repeat(40), isFork: false, ended: null },
}

/** The apps that get no preview where these paths are changed. */
async function leftOut(
  apps: Readonly<Record<string, object>>,
  paths: readonly string[] | null,
  file: string | null = null,
) {
  const config = ConfigSchema.parse({
    ...{ publicUrl: 'https://westage.test', github: { appId: 1 }, gitops: { url: 'https://git.test/previews.git' } },
    apps: Object.entries(apps).map(([name, app]) => ({ name, repository: 'acme/mono', when: 'changed', ...app })),
  })
  const [first = ''] = Object.keys(apps)
  const changes = { paths: async () => paths, file: async () => file }
  return appsOfPull(first, pull, [], settingsOf(config, { addonSecret: null }), changes, never)
}

const WEB = { context: 'web', dockerfile: 'docker/web.Dockerfile', folder: 'deploy/web/overlays/preview' }
const API = { context: 'api', dockerfile: 'docker/api.Dockerfile', folder: 'deploy/api' }

describe('what is an app’s own', () => {
  it.each([
    ['its context', ['web/src/index.ts'], ['api']],
    ['its Dockerfile', ['docker/api.Dockerfile'], ['web']],
    ['its kustomize folder', ['deploy/api/ingress.yaml'], ['web']],
    ['the base that its overlay is put over', ['deploy/web/base/ingress.yaml'], ['api']],
    ['what several have', ['web/a', 'api/b'], []],
    ['none of that', ['README.md', 'website/a'], ['web', 'api']],
    ['the file that says what the apps are', ['.westage.yaml'], []],
    ['more than GitHub lists', null, []],
  ])('is %s', async (_, paths, expected) => {
    expect((await leftOut({ web: WEB, api: API }, paths)).leftOut).toEqual(expected)
  })

  it('is what its images’ paths name of a context that they share with others', async () => {
    const image = { context: '.', dockerfile: 'docker/web.Dockerfile', paths: ['web', 'libs/css'] }
    const apps = { web: { folder: WEB.folder, images: { web: image } }, api: API }
    expect((await leftOut(apps, ['libs/css/a.css'])).leftOut).toEqual(['api'])
    expect((await leftOut(apps, ['libs/sql/a.sql'])).leftOut).toEqual(['web', 'api'])
  })

  it('is where kustomize folders are looked for, where it names none', async () => {
    const apps = { web: { ...WEB, folder: null }, api: API }
    expect((await leftOut(apps, ['k8s/base/ingress.yaml'])).leftOut).toEqual(['api'])
  })

  it('is what it names instead', async () => {
    const apps = { web: { ...WEB, paths: ['libs/*.css'] }, api: API }
    expect((await leftOut(apps, ['libs/a.css'])).leftOut).toEqual(['api'])
    expect((await leftOut(apps, ['web/a'])).leftOut).toEqual(['web', 'api'])
  })

  it('is all of the repo where the app is alone, unless it names paths', async () => {
    expect((await leftOut({ web: WEB }, ['README.md'])).leftOut).toEqual([])
    expect((await leftOut({ web: { ...WEB, paths: ['web'] } }, ['README.md'])).leftOut).toEqual(['web'])
  })
})

describe('what an author says of apps in .westage.yaml', () => {
  const always = { web: { ...WEB, when: 'always' }, api: { ...API, when: 'always' } }

  it('stands over what operators say', async () => {
    expect((await leftOut(always, ['web/a'], 'when: changed')).leftOut).toEqual(['api'])
    expect((await leftOut({ web: WEB, api: API }, ['README.md'], 'apps: { web: { when: always } }')).leftOut).toEqual([
      'api',
    ])
    expect((await leftOut({ web: WEB, api: API }, ['x/a'], 'apps: { web: { paths: [x] } }')).leftOut).toEqual(['api'])
    expect((await leftOut({ web: WEB, api: API }, ['x/a'], 'apps: { api: { context: x } }')).leftOut).toEqual(['web'])
  })

  it('leaves no app out where it has faults, so that they are told', async () => {
    expect((await leftOut({ web: WEB, api: API }, ['README.md'], 'wehn: changed')).leftOut).toEqual([])
  })

  it('counts for nothing where the app is alone', async () => {
    expect(
      (await leftOut({ web: { ...WEB, when: 'always' } }, ['README.md'], 'when: changed\npaths: [web]')).leftOut,
    ).toEqual([])
  })
})

describe('what a pull request is told of apps without a preview', () => {
  it('stands in the Check of the first app that has one, and nowhere else', () => {
    const apps = { all: ['a', 'b', 'c'], leftOut: ['a'] }
    expect(leftOutNotice('b', apps)).toBe('without a preview, as nothing of theirs is changed: a')
    expect(leftOutNotice('c', apps)).toBe('')
    expect(leftOutNotice('a', { all: ['a'], leftOut: [] })).toBe('')
  })

  it('is one line, however many they are', () => {
    const many = Array.from({ length: 20 }, (_, nth) => `app-${nth}`)
    expect(leftOutNotice('z', { all: [...many, 'z'], leftOut: many })).toMatch(/app-4 and 15 more$/)
  })
})

import { describe, expect, it } from 'vitest'
import { type World, world } from '../fakes/world.ts'

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const folderOf = (pull: number) => `previews/shop/pr-${pull}`
const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata: { name: db }\nstringData: { url: one }\n'

function given(choices: World['choices'] = {}, pulls = [7]): World {
  const here = world()
  here.choices = choices
  for (const pull of pulls) {
    here.github.open(pull, A, `feat-${pull}`)
    here.github.label(pull)
  }
  return here
}

const started = async (here: World) => {
  here.start()
  await here.settle()
  return here
}
const filesOf = (here: World, pull = 7) => here.gitops.tip().get(folderOf(pull)) ?? new Map<string, string>()
const checkOf = (here: World, sha = A) => here.github.shown()[`#7 ${sha}`]?.check

describe('what operators have in common/', () => {
  it('is in every preview, and a change of it is there with the next pass, at the same revision', async () => {
    const here = given({}, [7, 8])
    here.gitops.putCommon('common/db.yaml', SECRET)
    await started(here)
    expect(filesOf(here).get('manifests/secret-db.yaml')).toContain('url: one')

    here.gitops.putCommon('common/db.yaml', SECRET.replace('one', 'two'))
    await here.settle()
    for (const pull of [7, 8]) expect(filesOf(here, pull).get('manifests/secret-db.yaml')).toContain('url: two')
    expect(checkOf(here)).toBe('live')
    const commits = here.gitops.commits().length
    await here.settle()
    expect(here.gitops.commits()).toHaveLength(commits)
  })

  it('of another app changes nothing', async () => {
    const here = await started(given())
    const commits = here.gitops.commits().length
    here.gitops.putCommon('common/mail/db.yaml', SECRET)
    await here.settle()
    expect(here.gitops.commits()).toHaveLength(commits)
  })

  it('that can’t be read is the operators’ to mend, and then goes on by itself', async () => {
    const here = given()
    here.gitops.putCommon('common/db.yaml', 'a: [')
    await started(here)
    expect(checkOf(here)).toBe('running')
    expect(here.github.titleOf(7, A)).toMatch(/^Waiting to try again/)
    expect(here.logged.join('\n')).toContain('common/ in the GitOps repo: common/db.yaml')

    here.gitops.putCommon('common/db.yaml', SECRET)
    await here.settle()
    expect(checkOf(here)).toBe('live')
  })

  it('leaves a preview alone that a person changed', async () => {
    const here = await started(given())
    here.github.push(7, B)
    here.webhook(7)
    await here.settle()
    here.gitops.revert(folderOf(7))
    here.webhook(7)
    await here.settle()
    const commits = here.gitops.commits().length
    here.gitops.putCommon('common/db.yaml', SECRET)
    await here.settle()
    expect(here.gitops.commits()).toHaveLength(commits)
    expect(checkOf(here, B)).toBe('held')
  })
})

describe('the Check', () => {
  it('says what was changed that matters, also after a restart', async () => {
    const here = given()
    here.notices = ['variables: Deployment/web: env[WESTAGE_URL]: taken off']
    here.start()
    await here.clock.advance(900)
    here.killAfter(0)
    await started(here)
    expect(checkOf(here)).toBe('live')
    expect(here.github.textOf(7, A)).toContain('Deployment/web: env\\[WESTAGE\\_URL\\]: taken off')
  })

  it('says what the preview refers to and does not hold', async () => {
    const here = given()
    here.gitops.putCommon(
      'common/job.yaml',
      'apiVersion: v1\nkind: Pod\nmetadata: { name: job }\nspec: { containers: [{ name: a, image: a, envFrom: [{ secretRef: { name: api } }] }] }\n',
    )
    await started(here)
    expect(here.github.textOf(7, A)).toContain('Secret/api is missing: needed by Pod/job')
    const lines = here.runs.all().flatMap((run) => run.lines)
    expect(lines).toContainEqual(expect.stringMatching(/^to know: Secret\/api is missing/))
    here.gitops.putCommon('common/api.yaml', SECRET.replace('db', 'api'))
    await here.settle()
    expect(here.github.textOf(7, A)).not.toContain('is missing')
  })
})

describe('an object of the app that operators have, too', () => {
  it('is theirs in the preview, and the Check says so', async () => {
    const here = given()
    const own =
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { template: { spec: { containers: [{ name: theirs, image: a }] } } }\n'
    here.gitops.putCommon('common/web.yaml', own)
    await started(here)
    expect(filesOf(here).get('manifests/deployment-web.yaml')).toContain('name: theirs')
    expect(here.github.textOf(7, A)).toContain('Deployment/web is the operators’ own, from common/')
  })
})

describe('add-ons', () => {
  it('are refused where the instance does not allow them, in words for the author', async () => {
    const here = await started(given({ addons: { mongodb: {} } }))
    expect(checkOf(here)).toBe('failed')
    expect(here.github.titleOf(7, A)).toContain('addons: mongodb may not be asked for here; redis may')
    expect(filesOf(here).size).toBe(0)
  })

  it('are there before the app, with a password that another preview does not have', async () => {
    const here = await started(given({ addons: { redis: {} } }, [7, 8]))
    const secrets = [7, 8].map((pull) => filesOf(here, pull).get('manifests/secret-westage-redis.yaml') ?? '')
    expect(secrets[0]).toMatch(/password: '?[A-Za-z0-9]{32}/)
    expect(secrets[0]).not.toBe(secrets[1]?.replaceAll('feat-8', 'feat-7'))
    const wave = (file: string) =>
      Number(/sync-wave: '(-?\d+)'/.exec(filesOf(here).get(`manifests/${file}`) ?? '')?.[1] ?? 0)
    expect(wave('service-redis.yaml')).toBeLessThan(wave('deployment-web.yaml'))
    expect(wave('namespace-westage-shop-feat-7.yaml')).toBeLessThan(wave('service-redis.yaml'))
  })

  it('have the same password in the next revision', async () => {
    const here = await started(given({ addons: { redis: {} } }))
    const passwordIn = () => /password: \S+/.exec(filesOf(here).get('manifests/secret-westage-redis.yaml') ?? '')?.[0]
    const first = passwordIn()
    here.github.push(7, B)
    here.webhook(7)
    await here.settle()
    expect(passwordIn()).toBe(first)
    expect(first).toBeDefined()
  })
})

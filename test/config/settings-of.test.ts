import { describe, expect, it } from 'vitest'
import { ConfigSchema } from '../../src/config/schema.ts'
import { settingsOf } from '../../src/config/settings-of.ts'

const SECRET = 'a'.repeat(32)
const KEY = { repositoryId: 42, pull: 7, app: 'shop' }
const settings = (more: object) =>
  settingsOf(
    ConfigSchema.parse({
      publicUrl: 'https://westage.test',
      github: { appId: 1 },
      gitops: { url: 'https://git.test/previews.git' },
      ...more,
    }),
    { addonSecret: SECRET },
  )

describe('what the core is told of add-ons', () => {
  it('is what an instance allows, its images, and a seed for each preview’s passwords', () => {
    const said = { allowed: ['mysql'], images: { mysql: 'mirror/mysql:8' }, wait: 'mirror/busybox:1' }
    const { addons, seedOf } = settings({ addons: said })
    expect(addons).toEqual({ allowed: ['mysql'], images: { mysql: 'mirror/mysql:8' }, waitImage: 'mirror/busybox:1' })
    expect(seedOf(KEY)).not.toBeNull()
    expect(seedOf(KEY)).not.toBe(seedOf({ ...KEY, pull: 8 }))
    expect(seedOf(KEY)).not.toContain(SECRET)
  })

  it('is no seed where the cluster makes the passwords, though there is a secret', () => {
    expect(settings({ addons: { passwords: 'generated' } }).seedOf(KEY)).toBeNull()
  })
})

describe('an app of a repo', () => {
  it('is known with its siblings, and no other is', () => {
    const apps = ['mono/web', 'mono/api', 'far/far'].map((text) => {
      const [repo, name] = text.split('/')
      return { name, repository: `acme/${repo}` }
    })
    const { appOf } = settings({ apps })
    expect(appOf('acme/mono', 'api')).toMatchObject({ name: 'api', appsOfRepo: ['web', 'api'] })
    expect(appOf('acme/mono', 'far')).toBeNull()
  })
})

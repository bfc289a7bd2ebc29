import { seedOf } from '../addons/passwords.ts'
import type { Settings } from '../reconcile/settings.ts'
import { appsOf } from './apps.ts'
import { commitUrlOf } from './commit-url.ts'
import { imagesOf } from './images-of.ts'
import { rulesOf } from './rules.ts'
import type { Config } from './schema.ts'
import type { Secrets } from './secrets.ts'

/** What the core is told of the configuration. The only secret in it is behind `seedOf`, one preview's part at a time. */
export function settingsOf(config: Config, { addonSecret }: Pick<Secrets, 'addonSecret'>): Settings {
  const { addons, argocd, namespace, policy } = config
  return {
    publicUrl: config.publicUrl,
    keepRestoredMs: config.gitops.keepRestored,
    commitUrlOf: (commit) => commitUrlOf(config, commit),
    deadlineMs: argocd.deadline,
    crashRestarts: argocd.crashRestarts,
    maxWaitMs: config.buildTimeout,
    imagesBy: config.builder === 'external' ? 'CI' : 'westage',
    destination: argocd.destination,
    renderFolders: config.render.folders,
    addons: { allowed: addons.allowed, images: addons.images, waitImage: addons.wait },
    policy,
    guards: namespace,
    seedOf: (key) => (addons.passwords === 'generated' || addonSecret === null ? null : seedOf(addonSecret, key)),
    appOf(repository, name) {
      const apps = appsOf(config, repository)
      const app = apps.find((one) => one.name === name)
      const appsOfRepo = apps.map((one) => one.name)
      if (app === undefined) return null
      const { folder, when, paths, addons: wanted } = app
      const images = imagesOf(app)
      return { name, appsOfRepo, folder, images, when, paths, rules: rulesOf(config, app), addons: wanted }
    },
  }
}

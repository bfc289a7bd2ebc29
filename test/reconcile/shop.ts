import type { PrepareRequest } from '../../src/reconcile/prepare.ts'
import type { AppSettings, ImageSettings } from '../../src/reconcile/settings.ts'
import { POLICY, RULES, targetOf } from '../manifests/sample.ts'

/** Its image, as it is by convention. */
export const IMAGE: ImageSettings = {
  name: null,
  context: '.',
  dockerfile: 'Dockerfile',
  paths: null,
  build: { args: {}, target: null, platforms: [], secrets: {} },
  replaces: null,
}

/** An app of which neither operators nor authors say anything. */
export const SHOP: AppSettings = {
  name: 'shop',
  appsOfRepo: ['shop'],
  when: 'always',
  paths: null,
  folder: null,
  images: [IMAGE],
  rules: RULES,
  addons: {},
}

const { images: _, ...target } = targetOf()

/** What prepare is asked for, for a pull request of it. */
export const REQUEST: PrepareRequest = {
  app: SHOP,
  target,
  renderRoots: ['k8s'],
  policy: { app: SHOP.name, namespace: target.namespace, settings: POLICY, podTemplates: new Map(), beside: [] },
  addons: { allowed: [], images: {}, waitImage: null },
}

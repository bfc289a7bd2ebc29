import type { ImageSettings } from '../reconcile/settings.ts'
import type { App } from './apps.ts'

const NO_INPUTS: ImageSettings['build'] = { args: {}, target: null, platforms: [], secrets: {} }

type OneImage = Pick<App, 'context' | 'dockerfile' | 'paths' | 'build' | 'image'>

/** The images that operators say an app has: those that they name, else the one of its repo. */
export const imagesOf = (app: App): readonly ImageSettings[] =>
  app.images === null
    ? [imageOf(null, { ...app, paths: null })]
    : Object.entries(app.images).map(([name, image]) => imageOf(name, image))

const imageOf = (
  name: ImageSettings['name'],
  { context, dockerfile, paths, build, image }: OneImage,
): ImageSettings => ({
  name,
  context: context ?? '.',
  dockerfile: dockerfile ?? 'Dockerfile',
  paths,
  build: build ?? NO_INPUTS,
  replaces: image,
})

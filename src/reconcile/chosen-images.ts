import { Terminal } from '../domain/errors.ts'
import { APP_FILE } from '../settings/app-file.ts'
import type { AppChoices, ImageChoices } from '../settings/app-file-schema.ts'
import { chosenInputs } from '../settings/build-inputs.ts'
import { saysOfOne } from '../settings/image-forms.ts'
import type { AppSettings, ImageSettings } from './settings.ts'

/** An image that operators say nothing of has no build secrets. */
const UNKNOWN: Omit<ImageSettings, 'name'> = {
  context: '.',
  dockerfile: 'Dockerfile',
  paths: null,
  build: { args: {}, target: null, platforms: [], secrets: {} },
  replaces: null,
}

/**
 * The images of an app as its author has them. Where they name several, these are all; what operators say of one of the
 * same name stands where its author says nothing.
 * @throws {Terminal} (author) it is said of one image, and operators name several
 */
export function chosenImages({ name: app, images }: AppSettings, choices: AppChoices): readonly ImageSettings[] {
  if (choices.images !== null) {
    return Object.entries(choices.images).map(([name, choice]) => {
      const own = images.find((image) => image.name === name) ?? { ...UNKNOWN, name }
      return chosenImage(own, choice)
    })
  }
  if (!saysOfOne(choices)) return images
  const [one, ...others] = images
  if (one?.name === null && others.length === 0) return [chosenImage(one, { ...choices, paths: null })]
  const names = images.map(({ name }) => name).join(', ')
  throw new Terminal(
    `${APP_FILE}: context, dockerfile, build and image are of one image, and ${app} has several here, ${names}: ` +
      'put them under images, by name',
  )
}

const chosenImage = (own: ImageSettings, choice: ImageChoices): ImageSettings => ({
  name: own.name,
  context: choice.context ?? own.context,
  dockerfile: choice.dockerfile ?? own.dockerfile,
  paths: choice.paths ?? own.paths,
  build: chosenInputs(own.build, choice.build),
  replaces: choice.image ?? own.replaces,
})

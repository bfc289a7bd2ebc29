import type { AppChoices } from '../settings/app-file-schema.ts'
import { chosenInputs } from '../settings/build-inputs.ts'
import type { AppSettings } from './settings.ts'

/** An app as its author has it: what they say of it stands over what operators say. */
export const chosenApp = (app: AppSettings, choices: AppChoices): AppSettings => ({
  ...app,
  folder: choices.folder ?? app.folder,
  context: choices.context ?? app.context,
  dockerfile: choices.dockerfile ?? app.dockerfile,
  build: chosenInputs(app.build, choices.build),
  image: choices.image ?? app.image,
  when: choices.when ?? app.when,
  paths: choices.paths ?? app.paths,
})

import type { AppChoices } from '../settings/app-file-schema.ts'
import { chosenImages } from './chosen-images.ts'
import type { AppSettings } from './settings.ts'

/** An app as its author has it: what they say of it stands over what operators say. @throws {Terminal} as `chosenImages` */
export const chosenApp = (app: AppSettings, choices: AppChoices): AppSettings => ({
  ...app,
  folder: choices.folder ?? app.folder,
  images: chosenImages(app, choices),
  when: choices.when ?? app.when,
  paths: choices.paths ?? app.paths,
})

/** The shape of `.westage.yaml`: what a pull request's author may choose. What is not said is the instance's to say. */
import { z } from 'zod'
import { isAppName } from '../domain/names.ts'
import { CallbackSchema } from '../manifests/callback.ts'
import { wantedAddons } from './addon-settings.ts'
import { BuildChoicesSchema } from './build-inputs.ts'
import { imagePaths, imagesByName, oneFormOfImages } from './image-forms.ts'
import { exposedHost, objectName } from './kubernetes-values.ts'
import { pathPatterns, repoPath } from './repo-path.ts'

const image = {
  context: repoPath.nullable().default(null).describe('Build context.'),
  dockerfile: repoPath.nullable().default(null).describe("Dockerfile, from the repo's root."),
  build: BuildChoicesSchema.nullable().default(null).describe('What the Dockerfile is built with.'),
  image: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('The image in the manifests that the built one replaces, by name. Without it: found by name.'),
}

const ImageChoicesSchema = z.strictObject({ ...image, paths: imagePaths })

const choices = {
  folder: repoPath
    .nullable()
    .default(null)
    .describe("The app's kustomize folder. Without it: where the instance looks for one."),
  ...image,
  images: imagesByName(ImageChoicesSchema).describe(
    'For an app of several images, by name, instead of the four above: the same settings of each, and `paths`.',
  ),
  when: z
    .enum(['always', 'changed'])
    .nullable()
    .default(null)
    .describe('In a repo with several apps: whether each pull request gives a preview of it, or one that changes it.'),
  paths: pathPatterns
    .nullable()
    .default(null)
    .describe('In a repo with several apps: what is its own, files and folders, with `*`, `?` and `**`.'),
  expose: z
    .array(exposedHost)
    .nullable()
    .default(null)
    .describe('Of the hosts in the manifests, those that the preview answers for. Without it: all.'),
  followHosts: z
    .boolean()
    .nullable()
    .default(null)
    .describe("Whether the app's old hosts inside variables and ConfigMaps become the preview's own."),
  replicas: z
    .record(objectName, z.int().positive().max(1000))
    .nullable()
    .default(null)
    .describe("How many pods of a workload there are, by its name. The instance's cap holds all the same."),
  cronJobs: z
    .array(objectName)
    .nullable()
    .default(null)
    .describe('CronJobs that run, by name; the others are suspended. Without it: as the instance has it.'),
  addons: wantedAddons
    .nullable()
    .default(null)
    .describe('Auxiliary services, of those that the instance allows, each with its settings.'),
  callbacks: z
    .array(CallbackSchema)
    .max(100)
    .nullable()
    .default(null)
    .describe('Callbacks that WeHook delivers to the preview.'),
}

/** What one app of a repo may be told. */
export const ChoicesSchema = z.strictObject(choices).superRefine(oneFormOfImages)

export const AppFileSchema = z
  .strictObject({
    ...choices,
    apps: z
      .record(z.string().refine(isAppName, { error: 'is not the name of an app' }), ChoicesSchema)
      .nullable()
      .default(null)
      .describe('For a repo with several apps, by name: the same settings, each over the one above.'),
  })
  .superRefine(oneFormOfImages)

/** What an author chose for one app; null: nothing was said. */
export type AppChoices = z.output<typeof ChoicesSchema>
export type ImageChoices = z.output<typeof ImageChoicesSchema>
export type AppFile = z.output<typeof AppFileSchema>

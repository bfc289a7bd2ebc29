import { z } from 'zod'
import { appNameOf, isAppName } from '../domain/names.ts'
import { wantedAddons } from '../settings/addon-settings.ts'
import { BuildSettingsSchema } from '../settings/build-inputs.ts'
import { imagePaths, imagesByName, oneFormOfImages } from '../settings/image-forms.ts'
import { namespaceName, objectName, variables } from '../settings/kubernetes-values.ts'
import { pathPatterns, repoPath } from '../settings/repo-path.ts'

const CronJobsSchema = z.union([z.enum(['suspend', 'run']), z.array(objectName)], {
  error: "is neither suspend, run nor a list of CronJobs' names",
})

/** What an image is built from, and what it replaces; null: nothing was said. */
const image = {
  context: repoPath.nullable().default(null).describe('Build context. Without it: `.`, the repo.'),
  dockerfile: repoPath.nullable().default(null).describe("Dockerfile, from the repo's root. Without it: `Dockerfile`."),
  build: BuildSettingsSchema.nullable().default(null).describe('What the Dockerfile is built with.'),
  image: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('The image in the manifests that the built one replaces, by name. Without it: found by name.'),
}

const ImageSchema = z.strictObject({ ...image, paths: imagePaths })

/** One thing that can be previewed, where the conventions do not fit. */
export const AppSchema = z
  .strictObject({
    name: z
      .string()
      .refine(isAppName, { error: 'is not a DNS label of at most 30 characters' })
      .describe("The app's name, a DNS label of at most 30 characters, unique."),
    repository: z
      .string()
      .regex(/^[^/\s]+\/[^/\s]+$/, 'is not owner/name')
      .describe('Its repo, `owner/name`.'),
    folder: repoPath.nullable().default(null).describe('Its kustomize folder. Without it: `render.folders`.'),
    ...image,
    images: imagesByName(ImageSchema).describe(
      'For an app of several images, by name, instead of the four above: what each is built from, with `paths` besides: what of the context. See Several images of an app.',
    ),
    when: z
      .enum(['always', 'changed'])
      .default('always')
      .describe(
        'Whether a pull request always gets a preview of it, or only if it changes something of its own: see Several apps in a repo.',
      ),
    paths: pathPatterns
      .nullable()
      .default(null)
      .describe(
        'What is its own in the repo: files and folders, with `*`, `?` and `**`. Without it: what it is made of.',
      ),
    namespaces: z
      .array(namespaceName)
      .default([])
      .describe(
        "Where the app lives for long, beside what its manifests say: names of its Services there are made the preview's own.",
      ),
    env: variables.describe("Variables for every container, over the app's own."),
    followHosts: z
      .boolean()
      .default(false)
      .describe("Whether the app's old hosts inside variables and ConfigMaps become the preview's own."),
    cronJobs: CronJobsSchema.nullable()
      .default(null)
      .describe(
        'Which CronJobs run: `run` for all, `suspend` for none, or a list of names. Without it: `manifests.cronJobs`.',
      ),
    addons: wantedAddons.describe('Auxiliary services that its previews get, by name, each with its settings.'),
  })
  .superRefine(oneFormOfImages)

export type App = z.output<typeof AppSchema>

/** The apps of a repo (`owner/name`): those configured for it, else one by the repo's own name. */
export function appsOf(config: { readonly apps: readonly App[] }, repositoryName: string): readonly App[] {
  const own = config.apps.filter(({ repository }) => repository.toLowerCase() === repositoryName.toLowerCase())
  if (own.length > 0) return own
  return [AppSchema.parse({ name: appNameOf(repositoryName), repository: repositoryName })]
}

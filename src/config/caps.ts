import { z } from 'zod'
import { timer } from '../settings/durations.ts'
import { repoPath } from '../settings/repo-path.ts'
import { count } from './count.ts'

/** Where kustomize folders are, and how much one build of them may take. */
export const RenderSchema = z.strictObject({
  folders: z
    .array(repoPath)
    .min(1)
    .default([
      'k8s/overlays/preview',
      'k8s/overlays/staging',
      'kustomize/overlays/preview',
      'kustomize/overlays/staging',
      'deploy/overlays/preview',
      'deploy/overlays/staging',
      '.k8s/overlays/preview',
      '.k8s/overlays/staging',
      'k8s',
      'kustomize',
      'deploy',
      '.k8s',
      'manifests',
    ])
    .describe('Where a kustomize folder is looked for, in this order.'),
  timeout: timer('30s').describe('Cap on one kustomize build.'),
  maxMemoryMb: count(1024).describe('The same, memory in MB.'),
  maxOutputMb: count(16).describe('The same, output in MB.'),
})

/** How big what comes out of an archive may be. */
export const ArchiveSchema = z.strictObject({
  maxMb: count(1024).describe('Cap on an unpacked archive, MB.'),
  maxEntries: count(200_000).describe('The same, files and folders.'),
  maxDepth: count(64).describe('The same, folders in folders.'),
  maxRatio: count(200).describe('The same, unpacked bytes for each packed byte.'),
})

/** How much is done at a time. */
export const ConcurrencySchema = z.strictObject({
  previews: count(32).describe(
    'Previews that are looked at, committed or reported at a time. Repos take turns; one that is prepared, or waits for that, does not count.',
  ),
  prepares: count(2).describe('Previews that fetch, build and render at a time. Repos take turns here too.'),
  builds: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe(
      'Images that are built at a time, of all previews that are prepared. Repos take turns here too. Without it: as many as `prepares`; more is for apps of several images.',
    ),
})

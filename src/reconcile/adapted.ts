/** From kustomize's output to the app's own part of its preview, policy included. Pure: the same input, the same bundle. */
import { type Promised, promisedBy, type Wanted } from '../addons/catalogue.ts'
import { runFirst } from '../addons/seed-jobs.ts'
import { waitForAddons } from '../addons/waiting.ts'
import { wantedOf } from '../addons/wanted.ts'
import { wavesBefore } from '../addons/waves.ts'
import { type Bundle, bundleOf } from '../manifests/bundle.ts'
import { groupKindOf, type Manifest } from '../manifests/manifest.ts'
import { parseManifests } from '../manifests/parse.ts'
import { unusedImages } from '../manifests/pin-images.ts'
import type { Target, TargetRules } from '../manifests/target.ts'
import { checkLines, logLines } from '../manifests/told.ts'
import type { ListedTransform } from '../manifests/transform.ts'
import type { Told } from '../manifests/transforms.ts'
import { enforce, findingText } from '../policy/policy.ts'
import type { PolicyContext } from '../policy/rule.ts'
import type { AppChoices } from '../settings/app-file-schema.ts'
import type { AddonRules, AppSettings } from './settings.ts'

/** Whose manifests they are, and what holds for them. */
export interface Adaptation {
  readonly app: AppSettings
  readonly target: Target
  readonly policy: PolicyContext
  readonly addons: AddonRules
}

export interface Adapted {
  readonly bundle: Bundle
  /** What the pull request is to hear of it, one sentence each. */
  readonly notices: readonly string[]
}

/** The add-ons of the app's preview. @throws {Terminal} (author) one that may not be asked for */
export const addonsOf = (app: AppSettings, choices: AppChoices, { allowed }: AddonRules): Wanted =>
  wantedOf(app.addons, choices.addons ?? {}, allowed)

/**
 * @param yaml kustomize's output
 * @param choices what the app's `.westage.yaml` says
 * @param tell is told what each transform changed
 * @throws {Terminal} (author) the manifests can't be read, a transform refuses them, the policy does not permit them
 */
export function adapted(
  yaml: string,
  { app, target, policy, addons }: Adaptation,
  choices: AppChoices,
  tell: (told: Told) => void,
): Adapted {
  const promised = promisedBy(addonsOf(app, choices, addons))
  const own: Target = { ...target, ...chosenRules(target, choices), env: [...promised.env, ...target.env] }
  const manifests = parseManifests(yaml)
  const notices: string[] = []
  const bundle = bundleOf(manifests, own, forAddons(promised, addons), (told) => {
    tell(told)
    notices.push(...checkLines(told))
  })
  const noted = enforce(bundle.manifests.filter(isOfApp), policy)
  return { bundle, notices: [...unusedImages(manifests, own), ...notices, ...noted.map(findingText)] }
}

/** Writes what transforms changed to a log. */
export const tellLog =
  (log: (line: string) => void) =>
  (told: Told): void => {
    for (const line of logLines(told)) log(line)
  }

/** The preview's Namespace is WeStage's own, and nothing that a policy judges. */
export const isOfApp = (manifest: Manifest): boolean => groupKindOf(manifest) !== 'Namespace'

/** What an author may choose, within what the instance set. */
function chosenRules(rules: TargetRules, choices: AppChoices): Partial<TargetRules> {
  const { hosts, size, cronJobs } = rules
  return {
    hosts: {
      ...hosts,
      exposed: choices.expose ?? hosts.exposed,
      isFollowed: choices.followHosts ?? hosts.isFollowed,
    },
    size: { ...size, replicas: choices.replicas ?? size.replicas },
    cronJobs: choices.cronJobs ?? cronJobs,
  }
}

const forAddons = ({ waitFor, seedJobs }: Promised, { waitImage }: AddonRules): readonly ListedTransform[] => [
  {
    name: 'seeds',
    why: 'The Jobs that fill a database run before the rest of the app.',
    apply: (manifests, target) => runFirst(seedJobs, wavesBefore(manifests).seeds)(manifests, target),
    told: 'each',
  },
  {
    name: 'add-ons',
    why: 'The app asked for its pods to wait until its add-ons are usable.',
    apply: waitForAddons(waitFor, waitImage),
    told: 'sum',
  },
]

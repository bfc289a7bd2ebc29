import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Command, type CommanderError, InvalidArgumentError } from 'commander'
import { folderDiff } from '../adapters/folder-diff.ts'
import { ConfigError } from '../config/config-error.ts'
import { type Config, ConfigSchema } from '../config/schema.ts'
import { toolEnvironmentOf } from '../config/tool-environment.ts'
import { Terminal } from '../domain/errors.ts'
import { folderOf, isAppName, slugOf } from '../domain/names.ts'
import type { Preview } from '../domain/preview.ts'
import type { Pull } from '../domain/pull.ts'
import { CommonFault } from '../manifests/common-fault.ts'
import { faultLine } from '../settings/faults.ts'
import { readSettings } from '../settings/read-settings.ts'
import { explained } from './explain.ts'
import { type CommittedFiles, committedFiles, committedPreview, commonFilesIn } from './gitops-checkout.ts'
import { type LocalPreview, localPreview } from './local-preview.ts'
import { renderedPlace } from './rendered-place.ts'

interface Options {
  readonly app: string
  readonly branch: string
  readonly pr: number
  readonly root?: string
  readonly diff?: string
  readonly explain?: true
  readonly config?: string
  readonly common?: string
  readonly repo?: string
  readonly sha?: string
}

/** What the two sides of a difference are called. */
const DIFF_NAMES = ['committed', 'rendered'] as const
const EXIT = { refused: 1, unusable: 2, different: 3 } as const

/** What a service must be told and a render does not need. */
const NOBODYS = {
  publicUrl: 'https://westage.example.com',
  github: { appId: 1 },
  gitops: { url: 'https://git.example.com/gitops.git' },
}

export const render = new Command('render')
  .description('Print the preview that the service would make of a repo; needs kustomize or kubectl, and no server')
  .argument('<dir>', 'the repo’s root, where .westage.yaml is, or a kustomize folder in it')
  .requiredOption('--app <name>', 'the app', appName)
  .requiredOption('--branch <name>', 'the pull request’s branch')
  .requiredOption('--pr <number>', 'the pull request’s number', pullNumber)
  .option('--root <folder>', 'the repo’s root, where <dir> is a folder in it; without it the nearest with .git')
  .option('--diff <folder>', 'print the difference to a GitOps repo or to a preview’s folder in it, instead')
  .option('--explain', 'print what each transform changed and why, instead')
  .option('--config <file>', 'the instance’s westage.yaml; without it all settings are as by default')
  .option('--common <folder>', 'the operators’ common/; without it that of the repo of --diff')
  .option('--repo <owner/name>', 'the repo’s name; without it as in --diff or --config')
  .option('--sha <sha>', 'the commit; without it as in --diff')
  .addHelpText(
    'after',
    `
What is printed is on standard output; notices and refusals are on standard error.
Nothing is fetched, and no image is built: images stay as the manifests name them. What
would be built for nothing is told all the same.

Ends with
  0  nothing is wrong; with --diff: and nothing is different
  1  refused: all that the author would have to change is told
  2  it could not be tried: an option, a setting, common/, or a tool that is missing
  3  with --diff: something is different`,
  )
  .exitOverride((error: CommanderError) => process.exit(error.exitCode === 0 ? 0 : EXIT.unusable))
  .action(async (dir: string, options: Options) => {
    try {
      await run(dir, options)
    } catch (error) {
      process.exitCode = error instanceof Terminal && error.whose === 'author' ? EXIT.refused : EXIT.unusable
      console.error(wordsOf(error).join('\n'))
    }
  })

async function run(dir: string, options: Options): Promise<void> {
  const { app, pr, diff } = options
  const place = renderedPlace(dir, options.root)
  const before: CommittedFiles | null = diff === undefined ? null : committedFiles(diff, app, pr)
  const committed = before === null ? null : committedPreview(before)
  const config = configOf(options.config)
  const { signal } = new AbortController()
  const made = await localPreview(
    {
      place,
      app,
      pull: pullOf(options, config, committed),
      // A slug is chosen once, and then read back.
      slug: committed?.slug ?? slugOf(app, options.branch),
      common: { id: committed?.common ?? '', files: commonOf(options) },
      config,
    },
    signal,
  ).catch((error: unknown) => {
    if (place.doubt !== '') console.error(place.doubt)
    throw error
  })
  for (const notice of noticesOf(made)) console.error(notice)
  if (options.explain === true) console.log(explained(made.told).join('\n'))
  if (before !== null) {
    const text = await folderDiff(
      before,
      made.files,
      { workDir: tmpdir(), path: toolEnvironmentOf().path, names: DIFF_NAMES },
      signal,
    )
    process.stdout.write(text)
    if (text !== '') process.exitCode = EXIT.different
  } else if (options.explain !== true) process.stdout.write(streamOf(made, folderOf(app, pr)))
}

/** @throws {ConfigError} every fault of the file */
function configOf(file: string | undefined): Config {
  if (file === undefined) return ConfigSchema.parse(NOBODYS)
  if (!existsSync(file)) throw new ConfigError([`--config ${file}: there is no such file`])
  const { value, faults } = readSettings(readFileSync(file, 'utf8'), ConfigSchema)
  if (value === null) throw new ConfigError(faults.map((fault) => faultLine(file, fault.line, fault)))
  return value
}

function pullOf({ app, branch, pr, repo, sha }: Options, { apps }: Config, committed: Preview | null): Pull {
  const name = repo ?? committed?.repository.name ?? apps.find((one) => one.name === app)?.repository ?? `local/${app}`
  return {
    repository: { id: committed?.repository.id ?? 1, name },
    number: pr,
    url: committed?.pull.url ?? `https://github.com/${name}/pull/${pr}`,
    branch,
    author: committed?.pull.author ?? 'you',
    head: sha ?? committed?.sha ?? '0'.repeat(40),
    isFork: false,
    ended: null,
  }
}

/** Beside the folder that is compared with, where it is in a GitOps repo. */
function commonOf({ app, common, diff }: Options): ReadonlyMap<string, string> {
  if (common !== undefined) return commonFilesIn(common, app)
  const roots = diff === undefined ? [] : [diff, dirname(dirname(dirname(diff)))]
  const found = roots.map((root) => join(root, 'common')).find((folder) => existsSync(folder))
  return found === undefined ? new Map() : commonFilesIn(found, app)
}

const PASSWORDS = 'passwords of add-ons come from a text that is no secret: a service makes others'

const noticesOf = ({ notices, hasThrowawayPasswords }: LocalPreview): readonly string[] =>
  hasThrowawayPasswords ? [...notices, PASSWORDS] : notices

const streamOf = ({ files, hasThrowawayPasswords }: LocalPreview, folder: string): string =>
  (hasThrowawayPasswords ? `# ${PASSWORDS}\n` : '') +
  [...files].map(([path, text]) => `# ${folder}/${path}\n${text}`).join('---\n')

function wordsOf(error: unknown): readonly string[] {
  if (error instanceof ConfigError)
    return ['The configuration can’t be used:', ...error.faults.map((fault) => `  ${fault}`)]
  // The policy's refusal says all of its details itself.
  if (error instanceof Terminal)
    return [error.message, ...error.details.filter((line) => !error.message.includes(line))]
  if (error instanceof CommonFault) return [error.message]
  if (error instanceof Error && (/Missing$/.test(error.name) || 'code' in error)) return [error.message]
  throw error
}

function appName(text: string): string {
  if (!isAppName(text)) throw new InvalidArgumentError('It is not a DNS label of at most 30 characters.')
  return text
}

function pullNumber(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new InvalidArgumentError('It is not a number from 1.')
  return Number(text)
}

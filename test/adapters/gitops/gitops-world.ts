/** A git server with a GitOps repo, branches open on it, and what a person does there with git. */
import { setMaxListeners } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { openPreviewBranch, type PreviewBranchOptions } from '../../../src/adapters/gitops/preview-branch.ts'
import type { Preview } from '../../../src/domain/preview.ts'
import type { FolderChange, PreviewBranch } from '../../../src/ports.ts'
import { fsck, git, logOf } from '../../servers/git-cli.ts'
import {
  type GitServer,
  type GitServerOptions,
  type RepositoryFiles,
  startGitServer,
} from '../../servers/git-server.ts'

const AUTHOR = { name: 'WeStage', email: 'westage@example.com' }

export const TEMPLATE: RepositoryFiles = {
  'README.md': '# Previews\n',
  'common/network-policy.yaml': 'kind: NetworkPolicy\n',
  'previews/.gitkeep': '',
}

const endings: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

/** Closes it after the test. */
export const afterTest = (end: () => Promise<unknown>): void => {
  endings.push(end)
}

export interface World {
  readonly server: GitServer
  readonly dir: string
  open(options?: Partial<PreviewBranchOptions>): PreviewBranch & { close(): Promise<void> }
  /** Clones, runs git commands there as a person, and pushes. */
  person(...commands: readonly (readonly string[])[]): Promise<void>
  /** Throws where the repo is damaged, the history is not one line, or a clone differs from it. */
  check(): Promise<void>
}

export async function world(
  options: Partial<GitServerOptions> & { files?: RepositoryFiles | 'empty'; repository?: string } = {},
): Promise<World> {
  const { files = TEMPLATE, repository = 'gitops', ...rest } = options
  const server = await startGitServer({ repositories: { [repository]: { files } }, ...rest })
  afterTest(() => server.close())
  const dir = server.dir(repository)
  const inClone = async (work: (clone: string) => Promise<void>) => {
    const folder = await mkdtemp(join(tmpdir(), 'person-'))
    try {
      await git(['clone', '--quiet', dir, 'clone'], { cwd: folder })
      await work(join(folder, 'clone'))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  return {
    server,
    dir,
    open(more = {}) {
      const branch = openPreviewBranch({
        url: server.url(repository),
        branch: 'main',
        author: AUTHOR,
        credentials: null,
        parsePreview,
        pushes: { perMinute: 60_000, burst: 1000 }, // the rate is not what these tests are about
        log: () => {},
        ...more,
      })
      afterTest(() => branch.close())
      return branch
    },
    person: (...commands) =>
      inClone(async (clone) => {
        for (const command of commands) await git(command, { cwd: clone })
        await git(['push', '--quiet', 'origin', 'HEAD'], { cwd: clone })
      }),
    async check() {
      await fsck(dir)
      const log = await logOf(dir)
      for (const { id, parents } of log) {
        if (parents.length > 1) throw new Error(`${id} is a merge`)
      }
      await inClone(async (clone) => {
        await fsck(clone)
        const status = await git(['status', '--porcelain'], { cwd: clone })
        if (status !== '') throw new Error(`a clone differs: ${status}`)
      })
    },
  }
}

/** preview.yaml of these tests: `sha: <sha>`, anything else is a fault. */
const parsePreview: PreviewBranchOptions['parsePreview'] = (text) => {
  const sha = /^sha: (.*)\n$/.exec(text)?.[1]
  return sha === undefined ? { fault: 'preview.yaml has no sha' } : { preview: previewOf(sha) }
}

export const previewOf = (sha: string): Preview => ({
  app: 'shop',
  slug: 'a',
  namespace: 'westage-shop-a',
  repository: { id: 1, name: 'acme/shop' },
  pull: { number: 1, url: 'https://git.example.com/acme/shop/pull/1', branch: 'a', author: 'ada' },
  sha,
  url: '',
  hosts: [],
  images: {},
  common: '',
  page: 'https://westage.example.com/',
  destination: { name: 'in-cluster', server: '' },
  wildcards: [],
  callbacks: [],
})

export const never = new AbortController().signal
setMaxListeners(0, never)

export const folderOf = (pull: number, app = 'shop'): string => `previews/${app}/pr-${pull}`

export const filesOfPreview = (sha: string): ReadonlyMap<string, string> =>
  new Map([
    ['preview.yaml', `sha: ${sha}\n`],
    ['manifests/deployment-web.yaml', `kind: Deployment\nimage: ${sha}\n`],
    ['manifests/service-web.yaml', 'kind: Service\n'],
  ])

/** A change that puts a revision there, or (null) removes the folder. */
export const changeOf = (pull: number, sha: string | null, onto: string | null, app = 'shop'): FolderChange => ({
  path: folderOf(pull, app),
  files: sha === null ? null : filesOfPreview(sha),
  onto,
  message: `${app} #${pull}: ${sha ?? 'remove preview'}\n\nWeStage-Preview: 1/${pull}/${app}\n`,
})

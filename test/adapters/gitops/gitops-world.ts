/** A git server with a GitOps repo, branches open on it, and what a person does there with git. */
import { openPreviewBranch, type PreviewBranchOptions } from '../../../src/adapters/gitops/preview-branch.ts'
import type { Preview } from '../../../src/domain/preview.ts'
import type { FolderChange, PreviewBranch } from '../../../src/ports.ts'
import type { RepositoryFiles } from '../../servers/git-server.ts'
import { afterTest, type GitWorld, type GitWorldOptions, gitWorld } from '../../servers/git-world.ts'

export { afterTest, never } from '../../servers/git-world.ts'

const AUTHOR = { name: 'WeStage', email: 'westage@example.com' }

export const TEMPLATE: RepositoryFiles = {
  'README.md': '# Previews\n',
  'common/network-policy.yaml': 'kind: NetworkPolicy\n',
  'previews/.gitkeep': '',
}

export interface World extends GitWorld {
  open(options?: Partial<PreviewBranchOptions>): PreviewBranch & { close(): Promise<void> }
}

export async function world(options: Partial<GitWorldOptions> = {}): Promise<World> {
  const here = await gitWorld({ files: TEMPLATE, ...options })
  return {
    ...here,
    open(more = {}) {
      const branch = openPreviewBranch({
        url: here.url,
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

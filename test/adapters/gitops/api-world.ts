/** A GitOps repo at the double of GitHub, with branches open on it that write by GitHub's API. */
import type { PreviewBranchOptions } from '../../../src/adapters/gitops/preview-branch.ts'
import type { RepositoryFiles } from '../../servers/git-repository.ts'
import { type Connected, connected } from '../github/connected.ts'
import { afterTest, TEMPLATE, type World, world } from './gitops-world.ts'

export const GITOPS = 'acme/gitops'

interface ApiWorld extends World, Pick<Connected, 'github' | 'again'> {
  /** A branch of a process of its own, that writes by the API. */
  openByApi(options?: Partial<PreviewBranchOptions>): ReturnType<World['open']>
  /** Mutations that were asked for so far. */
  mutations(): number
}

export async function apiWorld(files: RepositoryFiles = TEMPLATE): Promise<ApiWorld> {
  const gitops = await world({ repository: GITOPS, files })
  const { github, again } = await connected()
  afterTest(() => github.close())
  github.addRepository(GITOPS, { 'README.md': 'previews' })
  github.keepIn(GITOPS, gitops.dir)
  const openByApi = (options: Partial<PreviewBranchOptions> = {}) => {
    const connection = again()
    const writer = connection.commitOnBranch(gitops.server.url(GITOPS), 'main')
    return gitops.open({ writer, botName: connection.botName, pushes: { perMinute: 600, burst: 100 }, ...options })
  }
  const mutations = () => github.requests.filter(({ path }) => path === '/graphql').length
  return { ...gitops, github, again, openByApi, mutations }
}

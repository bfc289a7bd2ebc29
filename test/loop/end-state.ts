/** All that a story leaves behind for people to see, without what differs from instance to instance. */
import { filesAt, showFile } from '../servers/git-cli.ts'
import { type Given, REPO } from './given.ts'

/** Equal for two instances in which the same things came of one pull request. */
export async function endStateOf(here: Given, pull: number): Promise<object> {
  const head = here.headOf(pull)
  const plain = (text: string) =>
    text
      .replaceAll(head, 'HEAD')
      .replaceAll(head.slice(0, 7), 'HEAD')
      .replace(/\/runs\/\w+/g, '/runs/RUN')
      .replace(/(localhost|127\.0\.0\.1):\d+/g, '$1:PORT')
  const dir = here.git.dir('gitops')
  const files: Record<string, string> = {}
  for (const path of (await filesAt(dir, 'main', 'previews/')).keys()) files[path] = plain(await showFile(dir, path))
  return {
    files,
    commits: (await here.commits()).map(({ message }) => plain(message)),
    checks: here.github
      .checkRuns(REPO, head)
      .map(({ name, conclusion, output }) => ({ name, conclusion, title: plain(output.title ?? '') })),
    deployments: here.github.deployments(REPO).map(({ environment, statuses }) => ({
      environment,
      ends: statuses.at(-1)?.state,
      lives: statuses.filter(({ state }) => state === 'success').length,
    })),
    applications: here.argocd.applications().map(({ metadata }) => metadata.name),
  }
}

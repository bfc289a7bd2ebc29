import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { Terminal } from '../domain/errors.ts'
import { checkFolder, type Fault } from '../manifests/check-folder.ts'
import { clashes } from '../manifests/check-previews.ts'
import { commonManifestsOf } from '../manifests/common.ts'
import { CommonFault } from '../manifests/common-fault.ts'
import { counted } from './counted.ts'
import { commonTexts, gitOpsFolders } from './gitops-folders.ts'

export const checkGitOps = new Command('check-gitops')
  .description('Check the previews in a checked-out GitOps repo; reads its files and nothing else')
  .argument('[dir]', 'where the repo is checked out', '.')
  .action((dir: string) => {
    const { faults, summary } = check(dir)
    for (const { path, words } of faults) console.log(printable(`${path}: ${words}`))
    console.log(summary)
    if (faults.length > 0) process.exitCode = 1
  })

/** @throws {Terminal} `dir` is not a GitOps repo */
function check(dir: string): { readonly faults: readonly Fault[]; readonly summary: string } {
  refuseOther(dir)
  const clashesWith = clashes()
  const apps = new Set<string>()
  const faults: Fault[] = []
  let [previews, manifests] = [0, 0]
  for (const found of gitOpsFolders(dir)) {
    if ('words' in found) {
      faults.push(found)
      continue
    }
    apps.add(found.app)
    previews += 1
    manifests += found.manifests.size
    const checked = checkFolder(found)
    faults.push(...checked.faults)
    if (checked.preview !== null) faults.push(...clashesWith(found.path, checked.preview))
  }
  faults.push(...commonFaults(dir))
  const counts = `${counted(previews, 'preview')} of ${counted(apps.size, 'app')}, ${counted(manifests, 'manifest')}`
  return { faults, summary: `${counts}: ${faults.length === 0 ? 'no faults' : counted(faults.length, 'fault')}` }
}

/** Each fault once, though what every app gets is read with every app's own. */
function commonFaults(dir: string): readonly Fault[] {
  const words = [...commonTexts(dir).values()].flatMap((files) => {
    try {
      commonManifestsOf(files)
      return []
    } catch (error) {
      if (!(error instanceof CommonFault)) throw error
      return [`${error.fault}. Until it is mended, previews with it are not updated`]
    }
  })
  return [...new Set(words)].map((fault) => ({ path: 'common', words: fault }))
}

function refuseOther(dir: string): void {
  const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  if (!isFolder(dir)) throw new Terminal(`${dir} is not a folder: name the one where the GitOps repo is checked out`)
  if (!isFolder(join(dir, 'previews'))) {
    throw new Terminal(
      `${dir} is not a GitOps repo: there is no folder previews/ in it. Name the one where the repo is checked out`,
    )
  }
}

/** Names of files and objects are anybody's to choose: nothing of them breaks a line or moves a terminal's cursor. */
const printable = (line: string): string => line.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')

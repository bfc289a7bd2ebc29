import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { git, type LoggedCommit, logOf } from './git-cli.ts'

export interface BranchOnDisk {
  /** A file's text at its tip, null where it has none there. */
  file(path: string): Promise<string | null>
  /** Its commits, newest first. */
  commits(): Promise<readonly LoggedCommit[]>
}

/** A branch of a bare repo of this machine. Tests look many times a second: git is started once for what it says of a tip. */
export function branchOnDisk(gitDir: string, branch = 'main'): BranchOnDisk {
  let said = ofTip('')
  async function ofNow() {
    const tip = await tipOf(gitDir, branch)
    if (tip !== said.tip) said = ofTip(tip)
    return said
  }
  return {
    async file(path) {
      const { tip, files } = await ofNow()
      const text = files.get(path) ?? git(['show', `${tip}:${path}`], { cwd: gitDir }).catch(() => null)
      files.set(path, text)
      return await text
    },
    async commits() {
      const now = await ofNow()
      now.log ??= logOf(gitDir, now.tip)
      return await now.log
    },
  }
}

interface Said {
  readonly tip: string
  readonly files: Map<string, Promise<string | null>>
  log: Promise<readonly LoggedCommit[]> | null
}

const ofTip = (tip: string): Said => ({ tip, files: new Map(), log: null })

/** git documentation, gitrepository-layout: a branch has a file of its own, unless it is packed with others. */
async function tipOf(gitDir: string, branch: string): Promise<string> {
  try {
    return (await readFile(join(gitDir, 'refs/heads', branch), 'utf8')).trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return await git(['rev-parse', branch], { cwd: gitDir })
    }
    throw error
  }
}

import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { Terminal } from '../../domain/errors.ts'
import type { RepoFiles } from '../../ports.ts'
import { locate } from '../kustomize/locate.ts'

/** Files of an unpacked repo, through links that stay in it. Who unpacked it is the only one who writes there. */
export const repoFiles: RepoFiles = {
  async text(root, path, maxBytes) {
    const found = await locate(root, '', path)
    if (found.kind === 'missing') return null
    if (found.kind !== 'file') throw new Terminal(`${path} is not a file of the repo`)
    await using file = await open(join(root, found.path))
    const { size } = await file.stat()
    if (size > maxBytes) throw new Terminal(`${path} has ${size} bytes, and may have ${maxBytes}`)
    const bytes = await file.readFile()
    const text = bytes.toString('utf8')
    if (!Buffer.from(text, 'utf8').equals(bytes)) throw new Terminal(`${path} is not UTF-8`)
    return text
  },
}

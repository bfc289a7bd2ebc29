/** Build contexts as apps have them: sources of a few kilobytes, a Dockerfile, and manifests that no image needs. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { copyPrograms } from '../../adapters/build/repo-on-disk.ts'

const FILES_PER_FOLDER = 100
const BYTES_MAX = 16_000
const DOCKERFILE = `FROM scratch
COPY system /
COPY src /src
RUN ls -R /src > /list
CMD ["/bin/sh"]
`

/** Writes one whose every file has another text. */
export async function writeContext(root: string, files: number): Promise<void> {
  for (let at = 0; at < files; at++) {
    const folder = join(root, 'src', `part-${Math.floor(at / FILES_PER_FOLDER)}`)
    if (at % FILES_PER_FOLDER === 0) await mkdir(folder, { recursive: true })
    await writeFile(join(folder, `file-${at}.ts`), sourceOf(at))
  }
  await mkdir(join(root, 'k8s'), { recursive: true })
  await writeFile(join(root, 'k8s', 'deployment.yaml'), 'kind: Deployment\n')
  await writeFile(join(root, '.dockerignore'), 'k8s\ndocs\n**/*.md\n**/node_modules\n')
  await writeFile(join(root, 'Dockerfile'), DOCKERFILE)
  await copyPrograms(join(root, 'system'), ['/bin/sh', '/bin/ls'])
}

/** Most are small, and some are not. */
function sourceOf(at: number): string {
  const bytes = 200 + Math.floor((((at * 7919) % 1000) ** 3 / 1_000_000_000) * BYTES_MAX)
  const line = `export const value${at} = ${at * 104_729} // of the part that it is in\n`
  return line.repeat(Math.ceil(bytes / line.length)).slice(0, bytes)
}

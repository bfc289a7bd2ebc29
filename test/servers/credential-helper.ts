/** A program that answers as a credential helper does. docker-credential-helpers: README. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface HelperScript {
  /** By what docker calls the registry. */
  readonly secrets?: Readonly<Record<string, { readonly Username: string; readonly Secret: string }>>
  /** Shell that runs first. */
  readonly before?: string
}

/** Writes `docker-credential-<name>` into a folder. One that has no answer says so as the README asks. */
export async function writeHelper(folder: string, name: string, { secrets = {}, before = '' }: HelperScript) {
  const answers = Object.entries(secrets).map(
    ([server, secret]) => `  '${server}') echo '${JSON.stringify({ ServerURL: server, ...secret })}' ;;`,
  )
  const text = `#!/bin/sh
[ "$1" = get ] || exit 2
server=$(cat)
${before}
case "$server" in
${answers.join('\n')}
  *) echo 'credentials not found in native keychain'; exit 1 ;;
esac
`
  await writeFile(join(folder, `docker-credential-${name}`), text, { mode: 0o755 })
}

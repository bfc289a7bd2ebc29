/** The manifests of harmful/, each with what is wrong about it. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Profile } from '../../src/policy/policy.ts'

export interface Harmful {
  /** The rule that refuses it, which is the file's name, and those that find fault with it as well. */
  readonly rules: readonly string[]
  readonly rule: string
  readonly profile: Profile
  readonly what: string
  readonly yaml: string
}

const FOLDER = fileURLToPath(new URL('harmful', import.meta.url))

const filesIn = (folder: string, profile: Profile): readonly Harmful[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) =>
      readFileSync(`${folder}/${file}`, 'utf8')
        .split(/^---$/m)
        .map((yaml): Harmful => {
          const [, what] = /^# (?!also:)(.+)$/m.exec(yaml) ?? []
          const [, also = ''] = /^# also: (.+)$/m.exec(yaml) ?? []
          if (what === undefined) throw new Error(`${file}: a manifest does not say what is harmful about it`)
          const rule = file.replace('.yaml', '')
          const rules = [rule, ...also.split(' ').filter(Boolean)].toSorted()
          return { rule, rules, profile, what, yaml }
        }),
    )

export const harmfulManifests: readonly Harmful[] = [
  ...filesIn(FOLDER, 'standard'),
  ...filesIn(`${FOLDER}/strict`, 'strict'),
]

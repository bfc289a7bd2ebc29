import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../src/policy/profiles.ts'
import { rules } from '../../src/policy/rules.ts'

const page = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => /^\| `[a-z-]+` \|/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))

const WORDS: Readonly<Record<Verdict, string>> = { refused: 'no', noted: 'told', passed: 'yes' }

describe('the page of the policy', () => {
  it('has every rule as it is: in which profiles it holds, why, and whether it has exemptions', () => {
    const written = rows.map(([, name, , why, ...rest]) => [name, why, ...rest.slice(0, 4)])
    const real = rules.map(({ name, why, verdicts: { strict, standard, trusted }, exemption }) => [
      `\`${name}\``,
      why,
      WORDS[strict],
      WORDS[standard],
      WORDS[trusted],
      exemption,
    ])
    expect(written).toEqual(real)
  })
})

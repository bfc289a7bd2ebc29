/** What `westage gc images` prints. */

import type { RepositoryReport } from '../adapters/registry/tend-repository.ts'
import type { Verdict } from '../domain/unneeded-images.ts'
import { counted } from './counted.ts'

const HEAD = ['REPOSITORY', 'TAG', 'DIGEST', 'BUILT', 'VERDICT'] as const
const DIGEST_CHARACTERS = 'sha256:'.length + 12

/** A table for people, those that go first, and what it comes to. */
export function imageLines(reports: readonly RepositoryReport[], deed: 'list' | 'remove'): readonly string[] {
  const rows = reports.flatMap(({ repository, verdicts, removed }) =>
    [...verdicts]
      .sort((a, b) => Number(a.kept !== null) - Number(b.kept !== null) || (a.tag < b.tag ? -1 : 1))
      .map((verdict) => [
        repository,
        verdict.tag,
        verdict.digest.slice(0, DIGEST_CHARACTERS),
        verdict.createdMs === null ? '-' : new Date(verdict.createdMs).toISOString().slice(0, 10),
        wordsOf(verdict, removed),
      ]),
  )
  return [...(rows.length === 0 ? [] : aligned([HEAD, ...rows])), summaryOf(reports, deed)]
}

/** For programs: the same, every digest whole. */
export const imagesJson = (reports: readonly RepositoryReport[]): string =>
  JSON.stringify(
    reports.map(({ repository, verdicts, removed, fault }) => ({
      repository,
      ...(fault === '' ? {} : { fault }),
      tags: verdicts.map(({ tag, digest, createdMs, kept }) => ({
        tag,
        digest,
        built: createdMs === null ? null : new Date(createdMs).toISOString(),
        kept,
        removed: kept === null && removed.includes(digest),
      })),
    })),
    null,
    2,
  )

function wordsOf({ digest, kept }: Verdict, removed: readonly string[]): string {
  if (kept !== null) return `kept: ${kept}`
  return removed.includes(digest) ? 'removed' : 'not needed'
}

function summaryOf(reports: readonly RepositoryReport[], deed: 'list' | 'remove'): string {
  const all = reports.flatMap(({ verdicts, removed }) => verdicts.map((verdict) => ({ verdict, removed })))
  const gone = all.filter(({ verdict, removed }) => verdict.kept === null && removed.includes(verdict.digest)).length
  const unneeded = all.filter(({ verdict }) => verdict.kept === null).length
  const places = reports.filter(({ verdicts }) => verdicts.length > 0).length
  const counts = `${counted(all.length, 'tag')} in ${places} ${places === 1 ? 'repository' : 'repositories'}`
  if (deed === 'remove') return `${counts}: ${gone} removed, ${all.length - gone} kept`
  const hint = unneeded === 0 ? '' : '; --remove removes them'
  return `${counts}: ${unneeded} not needed, ${all.length - unneeded} kept${hint}`
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

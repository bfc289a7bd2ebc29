/**
 * What previews that are on their way to the GitOps repo have been promised. Two pull requests that arrive together
 * both find the repo without the other: the promise is what keeps their names apart until both are committed.
 */

import type { Folder } from '../domain/folder.ts'
import { keyText, type PreviewKey } from '../domain/key.ts'
import { freeSlug, namespaceOf } from '../domain/names.ts'

interface Promised {
  readonly app: string
  readonly repository: { readonly id: number; readonly name: string }
  readonly namespace: string
  readonly hosts: readonly string[]
}

export interface Clash {
  readonly host: string
  readonly app: string
  readonly pull: number
  /** As it was called when that preview was made. */
  readonly repository: { readonly id: number; readonly name: string }
}

export interface Reservations {
  /** The repo other than `repositoryId` that holds an app's name, null where it is free or held by this one. */
  holderOf(app: string, repositoryId: number, folders: readonly Folder[]): string | null
  /** The slug of a preview: what its folder says, else what it was promised, else a free one, which is promised now. */
  slugOf(key: PreviewKey, repositoryName: string, branch: string, own: Folder, folders: readonly Folder[]): string
  /** Promises the hosts to `key`, wildcards among them. @returns null, or the preview that has one of them already */
  takeHosts(key: PreviewKey, hosts: readonly string[], folders: readonly Folder[]): Clash | null
  release(key: PreviewKey): void
}

export function reservations(): Reservations {
  const promised = new Map<string, Promised & { readonly slug: string; readonly pull: number }>()

  const othersOf = (key: PreviewKey, folders: readonly Folder[]) => [
    ...folders.flatMap(({ preview }) =>
      preview === null || isOf(preview, key)
        ? []
        : [{ ...preview, hosts: [...preview.hosts, ...preview.wildcards], pull: preview.pull.number }],
    ),
    ...[...promised].flatMap(([text, promise]) => (text === keyText(key) ? [] : [promise])),
  ]

  return {
    holderOf(app, repositoryId, folders) {
      const others = othersOf({ app, repositoryId, pull: 0 }, folders)
      return others.find((other) => other.app === app && other.repository.id !== repositoryId)?.repository.name ?? null
    },
    slugOf(key, repositoryName, branch, own, folders) {
      const known = own.preview?.slug ?? promised.get(keyText(key))?.slug
      if (known !== undefined) return known
      const taken = new Set(othersOf(key, folders).map(({ namespace }) => namespace))
      const slug = freeSlug(key.app, branch, key.pull, (candidate) => taken.has(namespaceOf(key.app, candidate)))
      promised.set(keyText(key), {
        app: key.app,
        repository: { id: key.repositoryId, name: repositoryName },
        namespace: namespaceOf(key.app, slug),
        hosts: [],
        slug,
        pull: key.pull,
      })
      return slug
    },
    takeHosts(key, hosts, folders) {
      for (const other of othersOf(key, folders)) {
        const host = hosts.find((mine) => other.hosts.includes(mine))
        if (host !== undefined) return { host, app: other.app, pull: other.pull, repository: other.repository }
      }
      const promise = promised.get(keyText(key))
      if (promise !== undefined) promised.set(keyText(key), { ...promise, hosts })
      return null
    },
    release(key) {
      promised.delete(keyText(key))
    },
  }
}

const isOf = (preview: NonNullable<Folder['preview']>, key: PreviewKey): boolean =>
  preview.repository.id === key.repositoryId && preview.pull.number === key.pull && preview.app === key.app

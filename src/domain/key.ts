/** A preview's key: one app at one pull request. Never the branch name, which is the author's to choose. */
export interface PreviewKey {
  /** GitHub's numeric repository id: it survives renames and transfers. */
  readonly repositoryId: number
  readonly pull: number
  readonly app: string
}

/** `<repository id>/<pull>/<app>`: the external_id of a Check run, and what queues and logs say. */
export const keyText = ({ repositoryId, pull, app }: PreviewKey): string => `${repositoryId}/${pull}/${app}`

const KEY = /^([1-9][0-9]{0,15})\/([1-9][0-9]{0,9})\/([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)$/

/** The key that `keyText` printed, or null where the text is not one. */
export function parseKey(text: string): PreviewKey | null {
  const [, repositoryId, pull, app] = KEY.exec(text) ?? []
  if (repositoryId === undefined || pull === undefined || app === undefined) return null
  return { repositoryId: Number(repositoryId), pull: Number(pull), app }
}

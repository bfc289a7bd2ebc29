import type { PreviewKey } from './key.ts'

/** Argo CD's destination cluster, by its name there or by its API server's address: the other one is ''. */
export interface Destination {
  readonly name: string
  readonly server: string
}

/** A cluster as people name it: an http or https address is a server's, anything else is a name. */
export const destinationOf = (text: string): Destination =>
  /^https?:\/\//.test(text) ? { name: '', server: text.replace(/\/+$/, '') } : { name: text, server: '' }

/** What `preview.yaml` holds: the contract that the ApplicationSet, WeStage after a restart, WeHook and people read. */
export interface Preview {
  readonly app: string
  readonly slug: string
  readonly namespace: string
  /** `name` is `owner/name` as it was when this was written. */
  readonly repository: { readonly id: number; readonly name: string }
  readonly pull: {
    readonly number: number
    readonly url: string
    readonly branch: string
    readonly author: string
  }
  /** The pull request's head commit, 40 hex digits. */
  readonly sha: string
  /** Where the preview answers first: the first host with its scheme, or '' for an app that exposes none. */
  readonly url: string
  readonly hosts: readonly string[]
  /** The `*.`-hosts that it answers for beside, where an instance lets these be: nobody can open one, or have it too. */
  readonly wildcards: readonly string[]
  /** Image name in the app's own manifests -> the reference by digest that replaced it. */
  readonly images: Readonly<Record<string, string>>
  /** Stands for what operators' `common/` had for this app when this was rendered, '' where it had nothing. */
  readonly common: string
  /** The preview's page at WeStage. */
  readonly page: string
  readonly destination: Destination
  /** Callbacks that WeHook delivers to this preview. */
  readonly callbacks: readonly TakenCallback[]
}

/** A callback that an app takes. */
export interface TakenCallback {
  /** Who calls, by its name in WeHook. */
  readonly source: string
  /** Where the app takes it: a path, perhaps with a query. */
  readonly path: string
  /** Whether it gets what came before the preview was there. */
  readonly missed: boolean
  /** The Service of the preview that answers there; undefined where none is known. */
  readonly service?: { readonly name: string; readonly port: number }
}

/** Whose it says that it is. */
export const keyOf = ({ repository, pull, app }: Preview): PreviewKey => ({
  repositoryId: repository.id,
  pull: pull.number,
  app,
})

/** Where a preview answers: one URL per host, with the scheme and port of `url`, which comes first. */
export function urlsOf({ url, hosts }: Pick<Preview, 'url' | 'hosts'>): readonly string[] {
  if (!URL.canParse(url)) return []
  const first = new URL(url)
  const rest = hosts.filter((host) => host !== first.hostname)
  return [url, ...rest.map((host) => `${first.protocol}//${host}${first.port === '' ? '' : `:${first.port}`}`)]
}

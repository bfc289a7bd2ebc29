import type { Preview } from '../domain/preview.ts'
import type { Fault } from './check-folder.ts'

/** What each preview has to have for itself, by the name that a message gives it. */
const OWN: readonly (readonly [string, (preview: Preview) => readonly string[]])[] = [
  ['namespace', ({ namespace }) => [namespace]],
  ['host', ({ hosts, wildcards }) => [...hosts, ...wildcards]],
]

/** What previews take from one another: a namespace, a host, an app of another repo. Keeps what it was told. */
export function clashes(): (path: string, preview: Preview) => readonly Fault[] {
  const holders = new Map<string, string>()
  const repositories = new Map<string, { readonly id: number; readonly name: string }>()
  return (path, preview) => {
    const at = `${path}/preview.yaml`
    const taken = OWN.flatMap(([what, of]) =>
      [...new Set(of(preview))].flatMap((value) => {
        const holder = holders.get(`${what} ${value}`)
        if (holder === undefined) holders.set(`${what} ${value}`, path)
        return holder === undefined
          ? []
          : [{ path: at, words: `the ${what} ${value} is ${holder}'s: remove one of them` }]
      }),
    )
    const { app, repository } = preview
    const other = repositories.get(app)
    if (other === undefined) repositories.set(app, repository)
    if (other === undefined || other.id === repository.id) return taken
    const words = `the app ${app} is previewed from ${other.name} too, not only ${repository.name}: remove one's folders`
    return [...taken, { path: at, words }]
  }
}

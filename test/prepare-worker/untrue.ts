/** What no worker of ours says, and what is made of it. */
import { REQUEST } from './given-worker.ts'

const UNHEARD = 'what no worker says'
const asking = (build: object, paths: readonly string[] | null = null) =>
  JSON.stringify({ say: 'build', images: [{ name: null, context: '.', dockerfile: 'D', paths, build }] })
const again = [0, 1].flatMap((id) => [
  `{"say":"begin","id":${id},"step":"fetch"}`,
  `{"say":"end","id":${id},"note":""}`,
])
const begins = Array.from({ length: 10 }, (_, id) => JSON.stringify({ say: 'begin', id, step: 'fetch' })).join('\n')

const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
const resultOf = (...manifests: readonly object[]) =>
  JSON.stringify({
    say: 'done',
    result: { manifests, exact: [], images: {}, notices: [], choices: { folder: null }, files: [] },
  })

/** By what it is about: the words, and what the error says of them. */
export const UNTRUE: readonly (readonly [about: string, said: string, error: string])[] = [
  ['garbage', 'garbage', UNHEARD],
  ['secrets of a build', asking({ secrets: { a: '/etc/shadow' } }), UNHEARD],
  ['paths out of the repo', asking({}, ['../a']), UNHEARD],
  ['what is not said', '{"say":"push","id":1}', UNHEARD],
  ['a log of no step', '{"say":"log","id":1,"line":"a"}', 'a step that is not under way'],
  ['a step that is not its own', '{"say":"begin","id":1,"step":"commit"}', UNHEARD],
  ['steps without an end', begins, 'began a step too many'],
  ['a step that it has done', again.join('\n'), 'began a step too many'],
  [
    'that the service failed',
    '{"say":"failed","step":null,"failure":{"kind":"ours","what":"build"}}',
    'says that the service failed',
  ],
  ['that it wants images which it was given', asking({}), 'images that it was given'],
  ['a result of nothing', '{"say":"done","result":{"manifests":[]}}', UNHEARD],
  ['a result without manifests', resultOf(), "does not begin with the preview's Namespace"],
  ['a namespace of another name', resultOf(namespace('kube-system')), "does not begin with the preview's Namespace"],
]

/** A result with an object that is not the preview's. */
export const ELSEWHERE = resultOf(namespace(REQUEST.target.namespace), {
  ...{ apiVersion: 'v1', kind: 'Pod' },
  metadata: { name: 'a', namespace: 'argocd' },
})

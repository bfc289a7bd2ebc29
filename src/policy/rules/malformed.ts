import { isList, isObject, type Json } from '../../manifests/json.ts'
import { CONTAINER_LISTS, podTemplatePathsOf } from '../../manifests/pod-templates.ts'
import { below, type Located, locate } from '../locate.ts'
import { inContainer, inSpec } from '../pods.ts'
import { EVERYWHERE } from '../profiles.ts'
import type { Rule, Subject } from '../rule.ts'

/** Kubernetes API reference, PodSpec and Container. A server refuses other types; a custom kind's controller may not. */
const LISTS = [...CONTAINER_LISTS, 'volumes', 'tolerations']
const OBJECTS = [['securityContext'], ['securityContext', 'seccompProfile'], ['securityContext', 'appArmorProfile']]

export const malformed: Rule = {
  name: 'malformed',
  why: 'What has not the form of a pod can’t be checked like one.',
  verdicts: EVERYWHERE,
  exemption: 'never',
  breachesOf: (subject) => [
    ...notOf(isObject, templatesOf(subject), 'an object'),
    ...notOf(isList, listsOf(subject), 'a list'),
    ...notOf(isObject, elementsOf(subject), 'an object'),
  ],
}

const notOf = (isRight: (value: Json) => boolean, found: readonly Located[], words: string) =>
  found.filter(({ value }) => !isRight(value)).map(({ field }) => ({ field, words: `has to be ${words}` }))

/** Pod templates, their specs, and what in these is an object. */
function templatesOf({ manifest, pods, context }: Subject): readonly Located[] {
  const templates = podTemplatePathsOf(manifest, context.podTemplates).flatMap((path) => locate(manifest, path))
  return templates.flatMap((template) => [
    template,
    ...locate(template.value, ['spec'], template.field),
    ...locate(template.value, ['metadata'], template.field),
    ...pods.flatMap((pod) => OBJECTS.flatMap((path) => inSpec(pod, path))),
  ])
}

const listsOf = ({ pods, containers }: Subject): readonly Located[] => [
  ...pods.flatMap((pod) => [
    ...LISTS.flatMap((name) => inSpec(pod, [name])),
    ...inSpec(pod, ['securityContext', 'sysctls']),
    ...inSpec(pod, ['volumes', '*', 'projected', 'sources']),
  ]),
  ...containers.flatMap((container) => [
    ...['ports', 'volumeMounts'].flatMap((name) => inContainer(container, [name])),
    ...['add', 'drop'].flatMap((name) => inContainer(container, ['securityContext', 'capabilities', name])),
  ]),
]

function elementsOf({ pods, containers }: Subject): readonly Located[] {
  const holes = pods.flatMap((pod) =>
    LISTS.flatMap((name) =>
      inSpec(pod, [name]).flatMap(({ field, value }) =>
        (isList(value) ? value : []).map((element, at) => ({ field: below(field, `[${at}]`), value: element })),
      ),
    ),
  )
  return [
    ...holes,
    ...containers.flatMap((container) =>
      [...OBJECTS, ['securityContext', 'capabilities'], ['lifecycle']].flatMap((path) => inContainer(container, path)),
    ),
  ]
}

import { describe, expect, it } from 'vitest'
import { changesOf, changeText } from '../../src/manifests/changes.ts'
import { checkLines, logLines } from '../../src/manifests/told.ts'
import type { ListedTransform } from '../../src/manifests/transform.ts'
import { adaptations, admissions, transformed } from '../../src/manifests/transforms.ts'
import { hostRulesOf, manifestsOf, targetOf } from './sample.ts'

const textsOf = (before: string, after: string) =>
  changesOf(before === '' ? [] : manifestsOf(before), after === '' ? [] : manifestsOf(after)).map(changeText)
const deployment = (env: string, replicas = 1) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}
  template: { spec: { containers: [{ name: web, env: ${env} }, { name: log }] } }
`
const secret = (data: string) => `apiVersion: v1\nkind: Secret\nmetadata: { name: db }\nstringData: ${data}\n`
const WHERE = 'spec.template.spec.containers[web].env'

describe('what a transform changed', () => {
  it.each([
    ['a field', deployment('[]', 5), deployment('[]', 2), ['Deployment/web: spec.replicas: 5 -> 2']],
    [
      'a variable, by its name, wherever it stands',
      deployment('[{ name: A, value: a }, { name: URL, value: http://old }]'),
      deployment('[{ name: URL, value: http://new }, { name: A, value: a }]'),
      [`Deployment/web: ${WHERE}[URL].value: http://old -> http://new`],
    ],
    [
      'an element with a name of a megabyte, by its place',
      deployment(`[{ name: ${'A'.repeat(1_000_000)}, value: a }]`),
      deployment(`[{ name: ${'A'.repeat(1_000_000)}, value: b }]`),
      [`Deployment/web: ${WHERE}[0].value: a -> b`],
    ],
    [
      'a variable that went',
      deployment('[{ name: A, value: a }]'),
      deployment('[]'),
      [`Deployment/web: ${WHERE}[A]: taken off (was {"name":"A","value":"a"})`],
    ],
    [
      'a variable that came',
      deployment('[]'),
      deployment('[{ name: A, value: a }]'),
      [`Deployment/web: ${WHERE}[A]: {"name":"A","value":"a"} (was not set)`],
    ],
    ['an object that went', `${deployment('[]')}---\n${secret('{}')}`, deployment('[]'), ['Secret/db: left out']],
    ['an object that came', '', secret('{}'), ['Secret/db: added']],
    [
      'a Secret, without what is in it',
      secret('{ password: one }'),
      secret('{ password: two }'),
      ['Secret/db: stringData.password: (not shown) -> (not shown)'],
    ],
    [
      'a variable named like a secret, without its value',
      deployment('[{ name: DB_PASSWORD, value: one }]'),
      deployment('[{ name: DB_PASSWORD, value: two }]'),
      [`Deployment/web: ${WHERE}[DB_PASSWORD].value: (not shown) -> (not shown)`],
    ],
    [
      'a switch, whatever it is named like',
      deployment('[]').replace('containers', 'automountServiceAccountToken: true, containers'),
      deployment('[]').replace('containers', 'automountServiceAccountToken: false, containers'),
      ['Deployment/web: spec.template.spec.automountServiceAccountToken: true -> false'],
    ],
    ['nothing, where all is as it was', deployment('[]'), deployment('[]'), []],
  ])('is told: %s', (_, before, after, words) => {
    expect(textsOf(before, after)).toEqual(words)
  })

  it('is shown of a long text where the difference is', () => {
    const conf = (host: string) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: { a: "${'x'.repeat(500)} ${host} tail" }`
    const [line = ''] = textsOf(conf('shop.test'), conf('feat-shop.test'))
    expect(line).toContain('shop.test tail')
    expect(line).toContain('feat-shop.test tail')
    expect(line.length).toBeLessThan(300)
  })
})

describe('what people hear of it', () => {
  const scale = (told: ListedTransform['told']): ListedTransform => ({
    name: 'size',
    why: 'Small is enough.',
    told,
    apply: (manifests) => manifests.map((manifest) => ({ ...manifest, spec: { replicas: 1 } })),
  })
  const heard = (told: ListedTransform['told']) => {
    const [log, check]: [string[], string[]] = [[], []]
    transformed(manifestsOf(deployment('[]', 3)), targetOf(), [scale(told)], (all) => {
      log.push(...logLines(all))
      check.push(...checkLines(all))
    })
    return { log: log.length, check: check.length, first: log[0] }
  }

  it('is a line each in the log, one line for what happens to all, and in the Check what is meant for it', () => {
    expect(heard('each')).toEqual({ log: 2, check: 0, first: 'size: Deployment/web: spec.replicas: 3 -> 1' })
    expect(heard('check')).toMatchObject({ log: 2, check: 2 })
    expect(heard('sum')).toEqual({ log: 1, check: 0, first: 'size: 1 object changed' })
  })

  it('is in the Check each variable that was overridden, place where a host was followed, and identity that went', () => {
    const app = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    metadata: { annotations: { iam.amazonaws.com/role: shop } }
    spec: { containers: [{ name: web, env: [{ name: WESTAGE_PR, value: mine }, { name: URL, value: "http://a.test" }] }] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: conf }
data: { url: http://a.test }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec: { rules: [{ host: a.test }] }
`
    const check: string[] = []
    transformed(
      manifestsOf(app),
      targetOf(hostRulesOf({ isFollowed: true })),
      [...admissions, ...adaptations],
      (told) => void check.push(...checkLines(told)),
    )
    expect(check).toEqual([
      `hosts in texts: Deployment/web: ${WHERE}[URL].value: http://a.test -> http://feat-cart-a.test`,
      'hosts in texts: ConfigMap/conf: data.url: http://a.test -> http://feat-cart-a.test',
      expect.stringMatching(/^cloud identities: Deployment\/web: spec\.template\.metadata\.annotations.*: taken off/),
      `overridden variables: Deployment/web: ${WHERE}[WESTAGE_PR]: taken off (was {"name":"WESTAGE_PR","value":"mine"})`,
    ])
  })
})

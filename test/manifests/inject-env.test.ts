import { describe, expect, it } from 'vitest'
import { injectEnv } from '../../src/manifests/inject-env.ts'
import { isObject, type Json, listOf } from '../../src/manifests/json.ts'
import { containersOf } from '../../src/manifests/pod-templates.ts'
import type { Target } from '../../src/manifests/target.ts'
import { manifestsOf, targetOf } from './sample.ts'

const APP = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers:
      - {name: migrate}
      containers:
      - name: web
        env:
        - {name: LINK, value: $(WESTAGE_URL)/x}
      - {name: none, env: null}
`
const INGRESS = `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {rules: [{host: feat-cart-shop.test}, {host: second.test}], tls: [{hosts: [feat-cart-shop.test]}]}
`
const namesOf = (env: Json | undefined) => listOf(env).map((entry) => (isObject(entry) ? entry.name : entry))
const containersWith = (yaml: string, changes: Partial<Target> = {}) =>
  injectEnv(manifestsOf(yaml), targetOf(changes)).flatMap((manifest) => containersOf(manifest))
const valuesIn = (env: Json | undefined, name: string) =>
  listOf(env).flatMap((entry) => (isObject(entry) && entry.name === name ? [entry.value] : []))

describe('a preview’s containers', () => {
  it('are told which preview they are part of, initContainers too', () => {
    const env = [
      { name: 'WESTAGE', value: '1' },
      { name: 'WESTAGE_URL', value: 'https://feat-cart-shop.test' },
      { name: 'WESTAGE_HOST', value: 'feat-cart-shop.test' },
      { name: 'WESTAGE_APP', value: 'shop' },
      { name: 'WESTAGE_BRANCH', value: 'feat/cart' },
      { name: 'WESTAGE_PR', value: '7' },
      { name: 'WESTAGE_SHA', value: 'a'.repeat(40) },
      { name: 'WESTAGE_NAMESPACE', value: 'westage-shop-feat-cart' },
    ]
    const [migrate, web, none] = containersWith(`${APP}${INGRESS}`)
    expect(migrate).toEqual({ name: 'migrate', env })
    expect(web?.env).toEqual([...env, { name: 'LINK', value: '$(WESTAGE_URL)/x' }])
    expect(none?.env).toEqual(env)
  })

  it('can build on these variables, which stand above the app’s own', () => {
    const [, web] = containersWith(`${APP}${INGRESS}`)
    expect(namesOf(web?.env).indexOf('WESTAGE_URL')).toBeLessThan(namesOf(web?.env).indexOf('LINK'))
  })

  it('are given those of add-ons and operators after WeStage’s own, which they may build on', () => {
    const [migrate] = containersWith(APP, { env: [{ name: 'APP_URL', value: '$(WESTAGE_URL)/app' }] })
    expect(namesOf(migrate?.env).slice(-2)).toEqual(['WESTAGE_NAMESPACE', 'APP_URL'])
  })

  it('have each variable once, the operators’ where they set one of WeStage’s', () => {
    const [migrate] = containersWith(APP, { env: [{ name: 'WESTAGE_URL', value: 'https://other.test' }] })
    expect(valuesIn(migrate?.env, 'WESTAGE_URL')).toEqual(['https://other.test'])
  })

  it('are told of no address where there is none', () => {
    const [migrate] = containersWith(APP)
    expect(valuesIn(migrate?.env, 'WESTAGE_URL')).toEqual([''])
    expect(valuesIn(migrate?.env, 'WESTAGE_HOST')).toEqual([''])
  })

  it.each(['$(SECRET)', '$$(SECRET)', 'a$', '$$', 'a$b$(c', '$$$(X)$'])(
    'see the branch %s as it is called',
    (branch) => {
      const pull = { ...targetOf().pull, branch }
      const [migrate] = containersWith(APP, { pull })
      const [value] = valuesIn(migrate?.env, 'WESTAGE_BRANCH')
      expect(expandedByKubernetes(String(value))).toBe(branch)
    },
  )
})

/** Kubernetes, third_party/forked/golang/expansion: `$$` is a dollar, `$(NAME)` a variable, any other `$` itself. */
const expandedByKubernetes = (text: string): string =>
  text.replace(/\$\$|\$\([^)]*\)/g, (found) => (found === '$$' ? '$' : 'the value of a variable'))

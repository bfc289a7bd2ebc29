import { describe, expect, it } from 'vitest'
import { additionsOf } from '../../src/addons/catalogue.ts'
import { refuseClashes } from '../../src/addons/clashes.ts'
import { manifestsOf } from '../manifests/sample.ts'
import { faultOf } from './fault-of.ts'
import { instanceOf } from './sample.ts'

const APP = manifestsOf(`
apiVersion: v1
kind: Service
metadata: {name: mysql}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: redis}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: mysql}
`)

describe('an app that brings what an add-on makes', () => {
  it('is told each object, the add-on, and what to do', () => {
    const words = faultOf(() => refuseClashes(additionsOf({ mysql: {}, redis: {}, sqs: {} }, instanceOf()), APP))
    expect(words).toContain('Service/mysql is in the app’s manifests, and the add-on mysql makes one too')
    expect(words).toContain('Deployment/redis is in the app’s manifests, and the add-on redis makes one too')
    expect(words).toContain('addons.mysql, addons.redis')
    expect(words).not.toContain('ConfigMap')
  })

  it('goes on where nothing has the same name', () => {
    expect(faultOf(() => refuseClashes(additionsOf({ sqs: {}, postgres: {} }, instanceOf()), APP))).toBe('')
  })
})

import { describe, expect, it } from 'vitest'
import type { Folder } from '../../src/domain/folder.ts'
import type { Preview } from '../../src/domain/preview.ts'
import { reservations } from '../../src/reconcile/reservations.ts'
import { previewOf } from '../manifests/preview-sample.ts'

const NONE: Folder = { path: '', tree: null, preview: null, fault: '', common: '', commit: '' }
const folder = (changes: Partial<Preview>): Folder => ({ ...NONE, tree: 't', preview: previewOf(changes) })
const WEB = { app: 'web', repositoryId: 42, pull: 7 }
const API = { app: 'api', repositoryId: 42, pull: 7 }

describe('a host', () => {
  it('of two apps that have it is the first one’s, committed or on its way', () => {
    const committed = [folder({ app: 'web', namespace: 'westage-web-feat-cart', hosts: ['feat-cart-shop.test'] })]
    const reserved = reservations()
    expect(reserved.takeHosts(API, ['feat-cart-shop.test'], committed)).toMatchObject({ app: 'web', pull: 7 })
    expect(reserved.takeHosts(API, ['feat-cart-api.test'], committed)).toBeNull()

    reserved.slugOf(WEB, 'acme/shop', 'feat/cart', NONE, [])
    expect(reserved.takeHosts(WEB, ['feat-cart-shop.test'], [])).toBeNull()
    expect(reserved.takeHosts(API, ['feat-cart-shop.test'], [])).toMatchObject({ app: 'web', pull: 7 })
    reserved.release(WEB)
    expect(reserved.takeHosts(API, ['feat-cart-shop.test'], [])).toBeNull()
  })

  it('that is a wildcard is no other’s either: two apps at one branch have the same slug', () => {
    const wildcards = ['*.feat-cart-shop.test']
    const committed = [folder({ app: 'web', namespace: 'westage-web-feat-cart', wildcards })]
    const reserved = reservations()
    expect(reserved.slugOf(API, 'acme/shop', 'feat/cart', NONE, committed)).toBe('feat-cart')
    expect(reserved.takeHosts(API, wildcards, committed)).toMatchObject({ app: 'web', host: '*.feat-cart-shop.test' })
    expect(reserved.takeHosts(WEB, wildcards, committed)).toBeNull()
  })
})

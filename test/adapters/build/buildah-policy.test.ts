import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { policyOf } from '../../../src/adapters/build/buildah-policy.ts'
import { ownTemporaryFolder } from './repo-on-disk.ts'

const temporary = await ownTemporaryFolder()
afterAll(() => temporary.close())

it('keeps to what this machine’s policy asks of registries', async () => {
  const machinesOwn = join(temporary.path, 'policy.json')
  const signed = [{ type: 'signedBy', keyType: 'GPGKeys', keyPath: '/key' }]
  await writeFile(
    machinesOwn,
    JSON.stringify({ default: signed, transports: { docker: { 'example.com': [] }, dir: {} } }),
  )
  expect(JSON.parse(await policyOf('/root', machinesOwn))).toEqual({
    default: [{ type: 'reject' }],
    transports: {
      docker: { '': signed, 'example.com': [] },
      'containers-storage': { '[vfs@/root]': [{ type: 'insecureAcceptAnything' }] },
    },
  })
})

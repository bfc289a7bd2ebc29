import { expect, it } from 'vitest'
import { changeOf, folderOf, never, TEMPLATE, world } from './gitops-world.ts'

const FILES = {
  ...TEMPLATE,
  'common/README.md': '# For every preview\n',
  'common/pull-secret.yaml': 'kind: SealedSecret\n',
  'common/shop/database.yml': 'kind: ExternalSecret\n',
  'common/shop/search.yaml': 'kind: Search\n',
  'common/shop/old/database.yaml': 'kind: Nobody\n',
  'common/mail/queue.yaml': 'kind: Queue\n',
}
const SHARED = {
  'common/network-policy.yaml': 'kind: NetworkPolicy\n',
  'common/pull-secret.yaml': 'kind: SealedSecret\n',
}

it('reads what operators have for every app, and for one app beside that', async () => {
  const branch = (await world({ files: FILES })).open()
  const [shop, mail, other] = await Promise.all(['shop', 'mail', 'other'].map((app) => branch.common(app, never)))
  expect(Object.fromEntries(other?.files ?? [])).toEqual(SHARED)
  expect(Object.fromEntries(shop?.files ?? [])).toEqual({
    ...SHARED,
    'common/shop/database.yml': 'kind: ExternalSecret\n',
    'common/shop/search.yaml': 'kind: Search\n',
  })
  expect(Object.fromEntries(mail?.files ?? [])).toEqual({ ...SHARED, 'common/mail/queue.yaml': 'kind: Queue\n' })
  expect(new Set([shop?.id, mail?.id, other?.id]).size).toBe(3)
})

it('has nothing to say of a repo without such files', async () => {
  const branch = (await world({ files: { 'README.md': '# Previews\n' } })).open()
  expect(await branch.common('shop', never)).toEqual({ id: '', files: new Map() })
  expect(await branch.folder(folderOf(1), never)).toMatchObject({ common: '' })
})

it("tells a folder what stands for its app's common files, and another thing once a person changed them", async () => {
  const { open, person } = await world({ files: FILES })
  const branch = open()
  await branch.commit(changeOf(1, 'aaa', null), never)
  await branch.commit(changeOf(2, 'aaa', null, 'mail'), never)
  const before = await branch.folders(never)
  const idsOf = async () => Promise.all(['shop', 'mail'].map(async (app) => (await branch.common(app, never)).id))
  expect(before.map(({ path, common }) => [path, common])).toEqual([
    [folderOf(2, 'mail'), (await idsOf())[1]],
    [folderOf(1), (await idsOf())[0]],
  ])

  await person(['mv', 'common/shop/database.yml', 'common/shop/db.yaml'], ['commit', '-q', '-m', 'rename'])
  const [mail, shop] = await branch.folders(never)
  expect(mail?.common).toBe(before[0]?.common)
  expect(shop?.common).not.toBe(before[1]?.common)
  expect((await branch.folder(folderOf(1), never)).common).toBe(shop?.common)

  await person(['rm', '-q', 'common/pull-secret.yaml'], ['commit', '-q', '-m', 'remove'])
  expect((await branch.folder(folderOf(2, 'mail'), never)).common).not.toBe(mail?.common)
})

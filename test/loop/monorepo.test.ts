/** Two apps in one repo, of which a pull request changes one: through the whole loop. */
import { afterEach, expect, it } from 'vitest'
import { type Given, givenInstance } from './given.ts'
import { SAMPLE } from './sample.ts'

const REPO = 'acme/mono'
const APPS = ['web', 'api'] as const
type App = (typeof APPS)[number]

let here: Given
afterEach(() => here?.close())

/** The sample, once below `web/` and once below `api/`. */
const FILES = Object.fromEntries(
  APPS.flatMap((app) =>
    Object.entries(SAMPLE).map(([path, text]) => [`${app}/${path}`, text.replaceAll('shop', app)] as const),
  ),
)

async function given(ofApps: Readonly<Partial<Record<App, object>>> = {}): Promise<void> {
  const apps = APPS.map((name) => ({
    ...{ name, repository: REPO, context: name, dockerfile: `${name}/Dockerfile` },
    ...{ folder: `${name}/k8s/overlays/preview`, when: 'changed' },
    ...ofApps[name],
  }))
  here = await givenInstance({ settings: { apps } })
  here.github.addRepository(REPO, { 'README.md': 'mono', ...FILES })
}

const open = (files: Readonly<Record<string, string>>) =>
  here.github.openPull(REPO, { branch: 'feat/pay', files, labels: ['westage'] })
const headOf = (pull: number) => here.github.headOf(REPO, pull)
const checkOf = (app: App, pull: number, sha = headOf(pull)) =>
  here.github.checkRuns(REPO, sha).findLast(({ externalId }) => externalId.endsWith(`/${app}`))
const concluded = (app: App, pull: number, conclusion = 'success') =>
  here.until(() => expect(checkOf(app, pull)).toMatchObject({ status: 'completed', conclusion }))
const folderOf = (app: App, pull: number) => here.file(`previews/${app}/pr-${pull}/preview.yaml`)
const shaIn = async (app: App, pull: number) => /sha: (\w{40})/.exec((await folderOf(app, pull)) ?? '')?.[1]
it('gives the app that is changed a preview, and its Check says which has none', async () => {
  await given()
  const pull = open({ 'web/site/index.html': 'changed' })
  await concluded('web', pull)
  // Once more through the loop: what the other app would have come to by its first turn is there by then.
  const first = headOf(pull)
  here.github.push(REPO, pull, { 'web/site/index.html': 'changed again' })
  await concluded('web', pull)
  expect(checkOf('web', pull)?.output.text).toContain('without a preview, as nothing of theirs is changed: api')
  expect(checkOf('api', pull, first)).toBeUndefined()
  expect(checkOf('api', pull)).toBeUndefined()
  expect(await folderOf('api', pull)).toBeNull()
  const page = await (await fetch(here.url)).text()
  expect(page).toContain('previews/web/pr-')
  expect(page).not.toContain('previews/api/pr-')
})

it('gives an app a preview once a later push changes it, and keeps up the one whose change was taken back', async () => {
  await given()
  const pull = open({ 'web/site/index.html': 'changed' })
  await concluded('web', pull)
  here.github.push(REPO, pull, { 'web/site/index.html': FILES['web/site/index.html'] ?? '', 'api/site/new.html': 'x' })
  await concluded('api', pull)
  await concluded('web', pull)
  expect(await shaIn('web', pull)).toBe(headOf(pull))
  expect(await shaIn('api', pull)).toBe(headOf(pull))
  here.github.closePull(REPO, pull)
  await here.until(async () => {
    expect(await folderOf('web', pull)).toBeNull()
    expect(await folderOf('api', pull)).toBeNull()
  })
})

it('goes by what the .westage.yaml of the pull request’s head says', async () => {
  await given({ web: { when: 'always' }, api: { when: 'always' } })
  here.github.push(REPO, 'main', { '.westage.yaml': 'when: changed\napps: { api: { paths: [proto] } }\n' })
  const pull = open({ 'proto/orders.proto': 'x' })
  await concluded('api', pull)
  expect(checkOf('api', pull)?.output.text).toContain('nothing of theirs is changed: web')
  const first = headOf(pull)
  here.github.push(REPO, pull, { 'proto/orders.proto': 'y' })
  await concluded('api', pull)
  expect(checkOf('web', pull, first)).toBeUndefined()
})

it('says once that there is no preview where a pull request changes no app', async () => {
  await given()
  const pull = open({ 'README.md': 'changed' })
  await concluded('web', pull, 'neutral')
  expect(checkOf('web', pull)?.output).toMatchObject({
    title: 'No preview',
    summary: expect.stringContaining('This pull request changes no app of this repo.'),
  })
  expect(here.github.checkRuns(REPO, headOf(pull))).toHaveLength(1)
  here.github.push(REPO, pull, { 'api/site/new.html': 'x' })
  await concluded('api', pull)
  expect(checkOf('web', pull)).toBeUndefined()
})

it('takes the paths that an app names, and gives every app a preview that does not ask for a change', async () => {
  await given({ web: { paths: ['web', 'libs/**/*.css'] }, api: { when: 'always' } })
  const pull = open({ 'libs/look/main.css': 'x' })
  await concluded('web', pull)
  await concluded('api', pull)
  const other = here.github.openPull(REPO, { branch: 'js', files: { 'libs/look/main.js': 'x' }, labels: ['westage'] })
  await concluded('api', other)
  expect(checkOf('web', other)).toBeUndefined()
  expect(checkOf('api', other)?.output.text).toContain('nothing of theirs is changed: web')
})

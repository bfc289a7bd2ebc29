/**
 * Checks manifests that tests recorded against the schemas of Kubernetes, line by line `{ "folder": …, "manifest": … }`.
 * Kinds that no schema is here for are listed, and so are what is known to be wrong.
 */
import { existsSync, readFileSync } from 'node:fs'
import { EXCEPTIONS } from './exceptions.mjs'
import { faultOf } from './schemas.mjs'

const [file] = process.argv.slice(2)
if (!existsSync(file)) {
  console.log('Nothing was recorded: the tests had no corpus.')
  process.exit()
}
const lines = readFileSync(file, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line))
const unknown = new Map()
const [faults, known] = [[], new Set()]
let valid = 0
for (const { folder, manifest } of lines) {
  const fault = await faultOf(manifest)
  const object = `${folder} ${manifest.kind}/${manifest.metadata.name}`
  if (fault === null) valid += 1
  else if (fault === 'unknown') {
    const kind = `${manifest.apiVersion} ${manifest.kind}`
    unknown.set(kind, (unknown.get(kind) ?? 0) + 1)
  } else if (EXCEPTIONS.has(object)) known.add(object)
  else faults.push(`${object}: ${fault}`)
}
for (const [kind, count] of unknown) console.log(`no schema here: ${count} of ${kind}`)
for (const object of known) console.log(`known to be wrong: ${object}: ${EXCEPTIONS.get(object)}`)
for (const fault of faults) console.log(`NOT VALID: ${fault}`)
// Without the corpus there are only the manifests of this repo.
const recorded = new Set(lines.map(({ folder }) => folder))
const fixed = [...EXCEPTIONS.keys()].filter((object) => recorded.has(object.split(' ')[0]) && !known.has(object))
for (const object of fixed) console.log(`NOT WRONG any more: ${object}`)
console.log(`${lines.length} objects: ${valid} valid, ${faults.length} not`)
if (valid === 0 || faults.length > 0 || fixed.length > 0) process.exitCode = 1

/** A process that reads one hostile text and prints what WeStage says of it. */
import { Terminal } from '../../src/domain/errors.ts'
import { parseManifests } from '../../src/manifests/parse.ts'
import { hostile } from './hostile-yaml.ts'

const text = hostile[process.argv[2] ?? '']?.text()
if (text === undefined) throw new Error(`there is no ${process.argv[2]}`)
try {
  parseManifests(text)
  console.log('it is taken')
} catch (error) {
  if (!(error instanceof Terminal)) throw error
  console.log(error.message)
}

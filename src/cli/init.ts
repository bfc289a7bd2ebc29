import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Command } from 'commander'
import type { z } from 'zod'
import { ConfigSchema } from '../config/schema.ts'
import { Terminal } from '../domain/errors.ts'
import { APP_FILE } from '../settings/app-file.ts'
import { AppFileSchema } from '../settings/app-file-schema.ts'
import { jsonSchemaOf } from '../settings/json-schema.ts'
import { STARTING_APP, STARTING_INSTANCE } from './starting-files.ts'

interface Options {
  readonly app?: true
  readonly force?: true
  readonly schema?: string
}

/** What is begun: an instance, or an app's own file. */
interface Start {
  readonly file: string
  readonly text: string
  readonly schema: z.ZodType
}

const INSTANCE: Start = { file: 'westage.yaml', text: STARTING_INSTANCE, schema: ConfigSchema }
const APP: Start = { file: APP_FILE, text: STARTING_APP, schema: AppFileSchema }

export const init = new Command('init')
  .description('Write a settings file to begin with, which editors complete and check by its schema')
  .argument('[file]', `what to write; ${INSTANCE.file}, or with --app ${APP.file}, where it is not given`)
  .option('--app', `the file of an app’s repo, ${APP.file}, instead of an instance’s`)
  .option('--schema <url>', 'where the JSON Schema is, instead of writing it beside the file')
  .option('--force', 'write over what is there')
  .action((file: string | undefined, options: Options) => {
    const start = options.app === true ? APP : INSTANCE
    for (const written of write(file ?? start.file, start, options)) console.log(`wrote ${written}`)
  })

/** @throws {Terminal} (operator) another file is there already, or the schema's address can't stand in a comment */
function write(file: string, { file: name, text, schema }: Start, options: Options): readonly string[] {
  // yaml-language-server: Using inlined schema. The comment ends with the line.
  if (/[\s\p{C}]/u.test(options.schema ?? ''))
    throw new Terminal('--schema is not an address: it has white space', OPERATOR)
  const schemaFile = join(dirname(file), name.replace(/\.yaml$/, '.schema.json'))
  const address = options.schema ?? `./${basename(schemaFile)}`
  const files = [
    { path: file, content: `# yaml-language-server: $schema=${address}\n${text}` },
    ...(options.schema === undefined ? [{ path: schemaFile, content: jsonSchemaOf(schema, name) }] : []),
  ]
  const other = files.find(({ path, content }) => existsSync(path) && readFileSync(path, 'utf8') !== content)
  if (other !== undefined && options.force !== true) {
    throw new Terminal(`${other.path} is there already: --force writes over it`, OPERATOR)
  }
  for (const { path, content } of files) writeFileSync(path, content)
  return files.map(({ path }) => path)
}

const OPERATOR = { whose: 'operator' } as const

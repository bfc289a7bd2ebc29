/** The programs of the apps that are previewed end to end. */
import { join } from 'node:path'
import { staticProgram } from '../images/static-program.ts'

/** @param folder of this one, with a module of Go @throws {ToolMissing} Go is not there @throws {ToolFailed} */
export const program = (folder: 'app' | 'app-with-services'): Promise<Buffer> =>
  staticProgram(join(import.meta.dirname, folder))

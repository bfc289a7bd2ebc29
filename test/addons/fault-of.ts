import { Terminal } from '../../src/domain/errors.ts'

/** What somebody is told to change, '' where nothing is wrong. */
export const faultOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof Terminal) return error.message
    throw error
  }
  return ''
}

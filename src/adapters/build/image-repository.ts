import { type ImageRepository, parseRepository } from '../registry/repository.ts'

/** Where an app's images are. @throws {Terminal} (operator) `registry.repository` gives no valid name */
export const imageRepositoryOf = ({ repository }: { readonly repository: string }, app: string): ImageRepository =>
  parseRepository(repository.replaceAll('{app}', app))

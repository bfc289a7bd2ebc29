import type { ImageRepository } from '../registry/repository.ts'
import type { RegistrySettings } from './image-target.ts'

/**
 * How a buildkitd reaches the instance's registry. BuildKit, "buildkitd.toml", `[registry]`.
 * @param authorityFile where it finds the registry's own authority, if there is one
 */
export function registryConfigOf(
  { plainHttp, authority }: Pick<RegistrySettings, 'plainHttp' | 'authority'>,
  { registry }: Pick<ImageRepository, 'registry'>,
  authorityFile: string,
): string {
  const section = `[registry.${JSON.stringify(registry)}]`
  if (plainHttp) return `${section}\nhttp = true\n`
  if ((authority ?? null) === null) return ''
  // One on loopback is taken for one without TLS where nothing is said.
  return `${section}\nhttp = false\nca = [${JSON.stringify(authorityFile)}]\n`
}

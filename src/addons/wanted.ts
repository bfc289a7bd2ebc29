import { refuseForbidden, type Wanted } from './catalogue.ts'

/**
 * The add-ons of a preview: those that operators gave to the app, and those that its `.westage.yaml` asks for. Where both
 * name one, what the author set stands over what the operators did.
 * @param allowed what an author may ask for beside what the app was given
 * @throws {Terminal} (author) an add-on that may not be asked for
 */
export function wantedOf(given: Wanted, asked: Wanted, allowed: readonly string[]): Wanted {
  refuseForbidden(asked, [...allowed, ...Object.keys(given)])
  const merged = Object.entries(asked).map(([name, settings]): [string, unknown] => {
    const own = given[name]
    return [name, isSection(own) && isSection(settings) ? { ...own, ...settings } : settings]
  })
  return { ...given, ...Object.fromEntries(merged) }
}

const isSection = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** GitHub: REST, "Using pagination": `per_page` up to 100, `page` from 1, and a Link header. */
import type { Context } from 'hono'
import type { Env } from './world.ts'

const PER_PAGE_DEFAULT = 30
const PER_PAGE_MAX = 100

/** The asked-for page of `items`; sets the Link header, whose addresses name the repo by id as GitHub's do. */
export function pageOf<T>(c: Context<Env>, items: readonly T[], apiUrl: string): readonly T[] {
  const url = new URL(c.req.url)
  const perPage = Math.min(numberOf(url.searchParams.get('per_page'), PER_PAGE_DEFAULT), PER_PAGE_MAX)
  const page = numberOf(url.searchParams.get('page'), 1)
  const last = Math.max(1, Math.ceil(items.length / perPage))
  const linkTo = (to: number, rel: string): string => {
    const target = new URL(`${apiUrl}${byId(c, url.pathname)}${url.search}`)
    target.searchParams.set('page', String(to))
    return `<${target.href}>; rel="${rel}"`
  }
  const links = [
    ...(page > 1 ? [linkTo(Math.min(page - 1, last), 'prev')] : []),
    ...(page < last ? [linkTo(page + 1, 'next'), linkTo(last, 'last')] : []),
    ...(page > 1 ? [linkTo(1, 'first')] : []),
  ]
  if (links.length > 0) c.header('link', links.join(', '))
  return items.slice((page - 1) * perPage, page * perPage)
}

function byId(c: Context<Env>, path: string): string {
  const repository = c.get('repository')
  return repository === undefined ? path : path.replace(/^\/repos\/[^/]+\/[^/]+/, `/repositories/${repository.id}`)
}

const numberOf = (text: string | null, otherwise: number): number =>
  text !== null && /^[1-9][0-9]*$/.test(text) ? Number(text) : otherwise

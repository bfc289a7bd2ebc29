import { type IncomingMessage, request } from 'node:http'

export interface Answer {
  readonly status: number
  /** Where a redirect leads, null where it is none. */
  readonly location: string | null
  readonly body: string
}

/**
 * Opens a preview's address as a browser would, and follows no redirect.
 * @param address `127.0.0.1:PORT` to connect to whatever the name is, null to resolve the name
 */
export async function askPreview(url: string, address: string | null, method: 'GET' | 'POST' = 'GET'): Promise<Answer> {
  const { host, pathname } = new URL(url)
  const to = address === null ? url : `http://${address}${pathname}`
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { method, headers: { host }, agent: false, signal: AbortSignal.timeout(5_000) }
    request(to, options, resolve).on('error', reject).end()
  })
  let body = ''
  for await (const chunk of answer) body += String(chunk)
  return { status: answer.statusCode ?? 0, location: answer.headers.location ?? null, body }
}

import { type IncomingMessage, request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly body: string
}

/**
 * Opens a preview's address as a browser would.
 * @param address `127.0.0.1:PORT` to connect to whatever the name is, null to resolve the name
 */
export async function askPreview(url: string, address: string | null): Promise<Answer> {
  const { host, pathname } = new URL(url)
  const to = address === null ? url : `http://${address}${pathname}`
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { headers: { host }, agent: false, signal: AbortSignal.timeout(5_000) }
    request(to, options, resolve).on('error', reject).end()
  })
  let body = ''
  for await (const chunk of answer) body += String(chunk)
  return { status: answer.statusCode ?? 0, body }
}

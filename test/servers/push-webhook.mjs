/** Sends one push webhook as GitHub does. Arguments: a JSON file of { url, secret, payload }, before, after, ref. */
import { createHmac, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'

const [file, before, after, ref] = process.argv.slice(2)
const { url, secret, payload } = JSON.parse(readFileSync(file, 'utf8'))
const body = JSON.stringify({ ...payload, ref, before, after })
const signature = createHmac('sha256', secret).update(body).digest('hex')
const headers = {
  'content-type': 'application/json',
  'x-github-event': 'push',
  'x-github-delivery': randomUUID(),
  'x-hub-signature-256': `sha256=${signature}`,
}
await fetch(url, { method: 'POST', headers, body }).catch(() => {}) // GitHub sends nothing again by itself

import { askPreview } from './ask-preview.ts'

/**
 * Pays as a person does: presses Pay in the preview, and once more on the page of Stripe's that it leads to.
 * @param address see askPreview
 * @throws where one of the two answers otherwise
 */
export async function payAt(previewUrl: string, address: string | null): Promise<void> {
  const { status, location } = await askPreview(new URL('/pay', previewUrl).href, address, 'POST')
  if (status !== 303 || location === null) throw new Error(`${previewUrl} answers ${status} when Pay is pressed`)
  const paid = await fetch(location, { method: 'POST', signal: AbortSignal.timeout(5_000) })
  if (!paid.ok) throw new Error(`${location} answers ${paid.status} when Pay is pressed`)
}

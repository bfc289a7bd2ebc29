/** What a preview of the sample app says of the callbacks that it got. */
import { z } from 'zod'
import { askPreview } from './ask-preview.ts'

/** `GET /orders.json` of the sample app. */
const OrdersSchema = z.object({
  callbacks: z.array(
    z.object({
      /** `evt_…` */
      event: z.string(),
      /** `cs_…` */
      session: z.string(),
      /** Whether what was paid is this preview's. */
      isMine: z.boolean(),
    }),
  ),
})
export type Orders = z.output<typeof OrdersSchema>

/** @param address see askPreview @throws where the preview does not answer, or with something else */
export async function ordersOf(previewUrl: string, address: string | null): Promise<Orders> {
  const { status, body } = await askPreview(new URL('/orders.json', previewUrl).href, address)
  if (status !== 200) throw new Error(`${previewUrl} answers ${status} for its orders`)
  return OrdersSchema.parse(JSON.parse(body))
}

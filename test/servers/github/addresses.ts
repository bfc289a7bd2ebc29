/** Where the double is reached: the API, and the site that its links lead to. */
export interface Addresses {
  readonly api: string
  readonly site: string
}

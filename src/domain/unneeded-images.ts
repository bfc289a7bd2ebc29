/** Which images of a repository nobody needs any more. No I/O, no clock: the order of the lines in `whyKept` is the policy. */

interface TaggedImage {
  readonly tag: string
  readonly digest: string
  /** Whether WeStage's own template gives such tags. */
  readonly isOwnTag: boolean
}

/** What an image says of itself. */
export interface ImageSays {
  /** The digests of the manifests that it lists; none where it is one image. */
  readonly children: readonly string[]
  /** null where nobody can tell. */
  readonly createdMs: number | null
  /** Whether WeStage built it for this app. */
  readonly isOurs: boolean
}

/** Images that texts of the GitOps repo name. */
export interface NamedImages {
  readonly digests: ReadonlySet<string>
  /** `registry/repository:tag` as it is written. */
  readonly names: ReadonlySet<string>
}

export interface Question {
  /** Every way in which the repository may be written. */
  readonly repository: readonly string[]
  readonly images: readonly TaggedImage[]
  /** By digest; of one that has no entry nothing is known. */
  readonly says: ReadonlyMap<string, ImageSays>
  readonly now: NamedImages
  /** What the GitOps repo named at some time since `keepFromMs`. */
  readonly lately: NamedImages
  /** What was built later than this is kept, whoever needs it. */
  readonly keepFromMs: number
}

type Kept =
  | 'in use'
  | 'was in use lately'
  | 'not a tag of WeStage'
  | 'not built by WeStage'
  | 'of unknown age'
  | 'built lately'
  | 'the same image as a tag that is kept'

export interface Verdict extends TaggedImage {
  readonly createdMs: number | null
  /** null where it is not needed. */
  readonly kept: Kept | null
}

export interface Unneeded {
  readonly verdicts: readonly Verdict[]
  /** Digests whose manifests go, an index before what it lists. Removing one removes every tag that it has. */
  readonly removable: readonly string[]
}

/** Says of each tag whether it is needed. A digest is removable only where all of its tags are not. */
export function unneededImages(question: Question): Unneeded {
  const { images, says, now, lately } = question
  const within = (digest: string) => [digest, ...(says.get(digest)?.children ?? [])]
  const first = images.map((image) => ({ image, kept: whyKept(image, question) }))
  const needed = new Set([
    ...now.digests,
    ...lately.digests,
    ...first.filter(({ kept }) => kept !== null).flatMap(({ image }) => within(image.digest)),
  ])
  const verdicts = first.map(({ image, kept }) => ({
    ...image,
    createdMs: says.get(image.digest)?.createdMs ?? null,
    kept: kept ?? (needed.has(image.digest) ? ('the same image as a tag that is kept' as const) : null),
  }))
  const gone = verdicts.filter(({ kept }) => kept === null).map(({ digest }) => digest)
  const removable = new Set([...gone, ...gone.flatMap(within)])
  return { verdicts, removable: [...removable].filter((digest) => !needed.has(digest)) }
}

function whyKept({ tag, digest, isOwnTag }: TaggedImage, question: Question): Kept | null {
  const { repository, says, now, lately, keepFromMs } = question
  const said = says.get(digest)
  const isNamedIn = ({ digests, names }: NamedImages) =>
    [digest, ...(said?.children ?? [])].some((each) => digests.has(each)) ||
    repository.some((written) => names.has(`${written}:${tag}`))
  if (isNamedIn(now)) return 'in use'
  if (isNamedIn(lately)) return 'was in use lately'
  if (!isOwnTag) return 'not a tag of WeStage'
  if (said?.isOurs !== true) return 'not built by WeStage'
  if (said.createdMs === null) return 'of unknown age'
  return said.createdMs >= keepFromMs ? 'built lately' : null
}

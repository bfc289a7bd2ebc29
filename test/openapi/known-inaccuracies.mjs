/** Where GitHub's description and GitHub differ, each with the reason. A fault that one of these explains is none. */
const KNOWN = [
  // "Client errors": every error body repeats the status as text; two of the error schemas leave it out.
  /: answer 4\d\d: \/status is not described$/,
  // A fork that was deleted leaves its pull requests with `head.repo: null`; only the list's schema allows it.
  /: answer 200: \/head\/repo must be object/,
  /^webhook pull_request .*\/head\/repo must be object/,
  // The list says that an account is a user and an enterprise at once; a single installation's says one of them.
  /^GET \/app\/installations: answer 200: \/\d+\/account must (have required property '(name|slug|created_at|updated_at)'|be null|match a schema in anyOf)/,
]

/** Whether a fault is the description's own. */
export const isKnownInaccuracy = (fault) => KNOWN.some((pattern) => pattern.test(fault))

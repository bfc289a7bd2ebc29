/** What a pull request is shown of one revision: made by `reportOf`, carried out by the GitHub adapter. */
export interface Report {
  readonly key: string
  /** The Check run's name, one per app. */
  readonly checkName: string
  readonly check: {
    readonly status: 'queued' | 'in_progress' | 'completed'
    /** null unless completed */
    readonly conclusion: 'success' | 'failure' | 'neutral' | 'cancelled' | null
    readonly title: string
    /** Markdown; ends in the memo */
    readonly summary: string
    /** Markdown */
    readonly text: string
    readonly detailsUrl: string
  }
  /** null where the revision gets no Deployment, such as one of a fork. */
  readonly deployment: {
    readonly environment: string
    readonly state: 'queued' | 'in_progress' | 'success' | 'failure' | 'inactive'
    /** At most 140 characters: GitHub's limit of a Deployment status' description. */
    readonly description: string
    readonly environmentUrl: string
    readonly logUrl: string
  } | null
}

/** What WeStage wrote to the GitOps repo. */
export interface Written {
  readonly commit: string
  readonly committedAtMs: number
  /** The folder's tree as it was written: another one there is somebody else's doing. Null where it was removed. */
  readonly tree: string | null
}

/**
 * What the Check run of the head SHA says WeStage did last. The Check run is the only place where it is kept.
 * `state` is 'none' where there is no Check run, and for an ended pull request where no Deployment is left to turn
 * inactive. 'redoing' is 'running' for what somebody asked for again, until that is committed: a folder that is at the
 * head already is not its outcome.
 */
export interface Told {
  readonly state: 'none' | 'running' | 'redoing' | 'live' | 'failed' | 'superseded' | 'held' | 'refused' | 'removed'
  /** How this revision stands in the GitOps repo, where it got that far. */
  readonly committed: Written | null
  /** The folder that a hold was told of, so that the same is not told twice and another one is. */
  readonly heldAt: { readonly tree: string | null } | null
  /**
   * A person brought the preview back after it was removed: until when it is kept, milliseconds since 1970. `state` says
   * how far it is. Told once, so that neither a restart nor another setting moves it.
   */
  readonly keptUntilMs: number | null
  /** The run's id, '' where none is known. */
  readonly run: string
  /** After it was completed a rerun was requested or the label was put on again. */
  readonly isAskedAgain: boolean
}

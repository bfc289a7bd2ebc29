export interface OnceMore {
  /** Has the work done soon; asked for while it is under way, however often, it is done once more afterwards. */
  ask(): void
  isIdle(): boolean
}

/** Work of which one at a time is enough, since it sees all that was there before it began. @param work never rejects */
export function onceMore(work: () => Promise<void>): OnceMore {
  let isAsked = false
  let isWorking = false

  const run = async () => {
    isWorking = true
    while (isAsked) {
      isAsked = false
      await work()
    }
    isWorking = false
  }

  return {
    ask() {
      isAsked = true
      if (!isWorking) void run()
    },
    isIdle: () => !isWorking,
  }
}

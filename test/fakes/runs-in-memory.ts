import { STEPS, type StepRecord } from '../../src/domain/step.ts'
import type { RunAbout, RunLog, Runs } from '../../src/ports.ts'

type KeptRun = RunLog & { lines: string[]; changes: () => readonly string[] }

/** Logs that outlive a process, as a data folder does. */
export interface RunsInMemory extends Runs {
  all(): readonly (RunLog & { readonly lines: readonly string[]; readonly changes: () => readonly string[] })[]
}

export function runsInMemory(): RunsInMemory {
  const kept = new Map<string, KeptRun>()
  const make = (id: string, about: RunAbout): KeptRun => {
    const lines: string[] = []
    let steps: StepRecord[] = []
    let notices: readonly string[] = []
    let changes: readonly string[] = []
    return {
      id,
      about,
      lines,
      write: (line) => void lines.push(line),
      begin(step, startedAtMs) {
        steps = [
          ...steps.filter((record) => record.step !== step),
          { step, startedAtMs, endedAtMs: null, outcome: 'running', note: '' },
        ]
      },
      end(step, endedAtMs, outcome, note) {
        steps = steps.map((record) => (record.step === step ? { ...record, endedAtMs, outcome, note } : record))
      },
      steps: () => STEPS.flatMap((step) => steps.filter((record) => record.step === step)),
      say(said) {
        notices = said
      },
      notices: () => notices,
      showChanges(lines) {
        changes = lines
      },
      changes: () => changes,
      tail: (count) => lines.slice(-count),
      flush: async () => {},
    }
  }
  return {
    all: () => [...kept.values()],
    async start(about) {
      const run = make(`run-${kept.size + 1}`, about)
      kept.set(run.id, run)
      return run
    },
    open: async (id) => kept.get(id) ?? null,
  }
}

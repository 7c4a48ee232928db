/**
 * The past runs of a store as a running process knows them: loaded once, its own runs added at once,
 * those of other processes within a second.
 */
import type { Plan } from '../search.ts'
import { insertByTime } from './by-time.ts'
import { MachineTerms } from './machine-terms.ts'
import { runKey } from './run.ts'
import type { Run } from './run.ts'
import type { RunTable } from './run-table.ts'
import { DEFAULT_SETTINGS, digestSettings } from './settings.ts'
import type { ModelSettings } from './settings.ts'
import { Strangers } from './strangers.ts'
import { Track } from './track.ts'

/**
 * Runs of one function that are kept in memory, of those of one item at a time and of the others:
 * older ones weigh nothing beside them, and neither kind tells what the other does.
 */
const MOST_RUNS_OF_A_KIND = 32

/** Runs that a process remembers to have seen; as many as a store keeps by itself. */
export const MOST_RUNS = 100_000
const DROPPED_SHARE = 0.1

/** Runs, by what is asked of them. */
export class History {
  readonly settings: ModelSettings
  /** What tells the settings from others. */
  readonly settingsDigest: number
  /** The runs that came first, read when they are asked for. */
  readonly #past: RunTable | undefined
  /** Those after them, in the order of their coming. */
  readonly #added: Run[] = []
  readonly #keys = new Set<string>()
  /** The latest runs of functions that were asked for, or have run since. */
  readonly #bySignature = new Map<string, readonly Run[]>()
  /** Functions that the past does not know. */
  readonly #newFunctions = new Set<string>()
  /** Costs of the machines themselves. */
  readonly machines: MachineTerms
  /** How past predictions did. */
  readonly track: Track
  #strangers: Strangers | undefined

  constructor(settings: ModelSettings = DEFAULT_SETTINGS, past?: RunTable) {
    this.settings = settings
    this.settingsDigest = digestSettings(settings)
    this.#past = past
    this.machines = new MachineTerms(past)
    this.track = new Track(past)
  }

  /** Number of runs. */
  get size(): number {
    return (this.#past?.size ?? 0) + this.#added.length
  }

  /** Number of functions. */
  get functionCount(): number {
    return (this.#past?.functionCount ?? 0) + this.#newFunctions.size
  }

  /** Runs of one function, the oldest first: the same list until another run of it comes. */
  runsOf(signature: string): readonly Run[] {
    const known = this.#bySignature.get(signature)
    if (known) return known
    if (!this.#past?.hasFunction(signature)) return []
    const past = this.#past.runsOf(signature, MOST_RUNS_OF_A_KIND)
    this.#bySignature.set(signature, past)
    return past
  }

  /** All runs that are held, the last to come first. */
  *latestRuns(): Iterable<Run> {
    for (let place = this.#added.length - 1; place >= 0; place--) yield this.#added[place]!
    if (this.#past) yield* this.#past.latestRuns()
  }

  /** The runs by their features; arranged when first asked for. */
  get strangers(): Strangers {
    this.#strangers ??= new Strangers(this.latestRuns(), this.settings.weights)
    return this.#strangers
  }

  /** Notes a run; whether it was new. One that was has to be added. */
  note(run: Run): boolean {
    if (this.#past?.has(run)) return false
    const before = this.#keys.size
    return this.#keys.add(runKey(run)).size > before
  }

  /** Takes in a run that was noted. */
  add(run: Run): void {
    this.#bySignature.set(run.signature, withRun(this.runsOf(run.signature), run))
    if (!this.#past?.hasFunction(run.signature)) this.#newFunctions.add(run.signature)
    this.#added.push(run)
    if (this.size > MOST_RUNS) this.#dropOldest()
    this.machines.add(run)
    if (run.trial?.model === this.settingsDigest) this.track.add(run)
    this.#strangers?.add(run)
  }

  /** What is dropped has long been outweighed by later runs of its function. */
  #dropOldest(): void {
    const count = MOST_RUNS * DROPPED_SHARE
    const dropped = this.#past?.drop(count) ?? 0
    const forgotten = this.#added.splice(0, count - dropped)
    for (const run of forgotten) this.#keys.delete(runKey(run))
    this.#forgetFunctions(forgotten)
  }

  /** Those that no run is left of: a program may make new functions for as long as it runs. */
  #forgetFunctions(forgotten: readonly Run[]): void {
    const left = new Set(this.#added.map(({ signature }) => signature))
    for (const { signature } of forgotten) {
      if (left.has(signature) || this.#past?.hasFunction(signature)) continue
      this.#bySignature.delete(signature)
      this.#newFunctions.delete(signature)
      this.track.forget(signature)
    }
  }
}

/** The runs of a function and one more, in the place of the oldest of its kind where those are many. */
function withRun(runs: readonly Run[], run: Run): readonly Run[] {
  const own = insertByTime(runs, run)
  const ofItsKind = own.filter(({ plan }) => isOneByOne(plan) === isOneByOne(run.plan))
  if (ofItsKind.length <= MOST_RUNS_OF_A_KIND) return own
  return own.filter((other) => other !== ofItsKind[0])
}

function isOneByOne({ nJobs }: Plan): boolean {
  return nJobs === 1
}

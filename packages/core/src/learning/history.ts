/**
 * The past runs of a store as a running process knows them: loaded once, its own runs added at once,
 * those of other processes within a second.
 */
import { MachineTerms } from './machine-terms.ts'
import { runKey } from './run.ts'
import type { Run } from './run.ts'
import { DEFAULT_SETTINGS } from './settings.ts'
import type { ModelSettings } from './settings.ts'
import { Strangers } from './strangers.ts'
import { Track } from './track.ts'

/** Runs of one function that are kept in memory: older ones weigh nothing beside them. */
const MOST_RUNS_OF_A_FUNCTION = 32

/** Runs that a process remembers to have seen; as many as a store keeps by itself. */
const MOST_RUNS = 100_000
const DROPPED_SHARE = 0.1

/** Runs, by what is asked of them. */
export class History {
  readonly #bySignature = new Map<string, Run[]>()
  readonly #keys = new Set<string>()
  readonly #latest: Run[] = []
  /** Costs of the machines themselves. */
  readonly machines: MachineTerms = new MachineTerms()
  /** How past predictions did. */
  readonly track: Track = new Track()
  readonly settings: ModelSettings
  #strangers: Strangers | undefined

  /** Version of the settings. */
  readonly version: number

  constructor(settings: ModelSettings = DEFAULT_SETTINGS, version = 0) {
    this.settings = settings
    this.version = version
  }

  /** Number of runs. */
  get size(): number {
    return this.#latest.length
  }

  /** Number of functions. */
  get functionCount(): number {
    return this.#bySignature.size
  }

  /** Runs of one function, the oldest first. */
  runsOf(signature: string): readonly Run[] {
    return this.#bySignature.get(signature) ?? []
  }

  /** All runs that are held, in the order of their coming. */
  get runs(): readonly Run[] {
    return this.#latest
  }

  /** The runs by their features; arranged when first asked for. */
  get strangers(): Strangers {
    this.#strangers ??= new Strangers(this.#latest, this.settings.weights)
    return this.#strangers
  }

  /** Notes a run; whether it was new. One that was has to be added. */
  note(run: Run): boolean {
    const before = this.#keys.size
    return this.#keys.add(runKey(run)).size > before
  }

  /** Takes in a run that was noted. */
  add(run: Run): void {
    this.#latest.push(run)
    if (this.#latest.length > MOST_RUNS) this.#dropOldest()
    const own = this.#bySignature.get(run.signature)
    if (!own) this.#bySignature.set(run.signature, [run])
    else {
      own.push(run)
      if (own.length > MOST_RUNS_OF_A_FUNCTION) own.shift()
    }
    this.machines.add(run)
    if (run.trial?.model === this.version) this.track.add(run)
    this.#strangers?.add(run)
  }

  /** What is dropped has long been outweighed by later runs of its function. */
  #dropOldest(): void {
    for (const run of this.#latest.splice(0, MOST_RUNS * DROPPED_SHARE)) {
      this.#keys.delete(runKey(run))
    }
  }
}

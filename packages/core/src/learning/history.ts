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
const MOST_RUNS_OF_A_FUNCTION = 64

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
    return this.#keys.size
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

  /** Whether a run is known. */
  has(run: Run): boolean {
    return this.#keys.has(runKey(run))
  }

  /** Takes in a run that is not known. */
  add(run: Run): void {
    this.#keys.add(runKey(run))
    this.#latest.push(run)
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
}

/** The runs of other functions, found by how alike their features are. */
import { FEATURE_NAMES } from '@amorsize/features'
import { KnnPredictor } from '@amorsize/knn'

import { vectorOf } from './run.ts'
import { meanOne } from './settings.ts'
import type { Run } from './run.ts'

/** A run and its distance from what was asked. */
export interface Neighbor {
  readonly run: Run
  readonly distance: number
}

/** Situations kept. One is a function on a machine, its features to a tenth of their range. */
const MOST_SITUATIONS = 5000
const TENTHS = 10

/** Situations left once there are too many: arranging them anew then costs some of each that came. */
const LEFT_SITUATIONS = 4000

/** Neighbours asked for at first for each that is wanted: those of one function lie together. */
const CROWDING = 4

/** One run of every situation. */
export class Strangers {
  readonly #weights: readonly number[]
  #runs: Run[] = []
  /** Places of the situations among the runs; the one whose latest run is the oldest comes first. */
  #situations = new Map<string, number>()
  /** Functions that a run is held of. */
  #functions = new Set<string>()
  /** Functions of which a run measured what it costs to send. */
  #measured = new Set<string>()
  #predictor: KnnPredictor<'speedup'>

  /** @param latestFirst - Runs, the latest first; only as many are taken as there is room for. */
  constructor(latestFirst: Iterable<Run>, weights: readonly number[]) {
    this.#weights = weights
    this.#predictor = predictorWith(weights)
    for (const run of this.#choose(latestFirst)) this.add(run)
  }

  /** The latest that there is room for, the oldest of them first. */
  #choose(latestFirst: Iterable<Run>): Run[] {
    const chosen: Run[] = []
    const situations = new Set<string>()
    let unmeasured = 0
    for (const run of latestFirst) {
      if (run.isTainted) continue
      if (hasMeasured(run)) {
        situations.add(situationOf(run))
        this.#measured.add(run.signature)
      } else if (this.#measured.has(run.signature) || ++unmeasured > MOST_SITUATIONS) continue
      if (situations.size > MOST_SITUATIONS) break
      chosen.push(run)
    }
    return chosen.toReversed()
  }

  /**
   * Takes in a run, in the place of one of the same situation. One that did not measure what it costs
   * to send is worth asking only where none of its function did.
   */
  add(run: Run): void {
    if (run.isTainted) return
    if (hasMeasured(run)) this.#measured.add(run.signature)
    else if (this.#measured.has(run.signature)) return
    const situation = situationOf(run)
    const place = this.#situations.get(situation)
    if (place === undefined) {
      if (this.#runs.length === MOST_SITUATIONS) this.#dropOldest()
      this.#append(situation, run)
      return
    }
    // One that others had, and that became known late.
    if (this.#runs[place]!.timestampMs > run.timestampMs) return
    this.#runs[place] = run
    this.#situations.delete(situation)
    this.#situations.set(situation, place)
  }

  /**
   * The nearest runs, at most one of each function: a function that ran a hundred times is one
   * witness of what others are like.
   *
   * @param except - Signature of the function that must not be its own witness.
   * @param isWitness - Which runs may be asked.
   */
  nearest(
    vector: Float64Array,
    count: number,
    except: string,
    isWitness: (run: Run) => boolean,
  ): Neighbor[] {
    for (let asked = count * CROWDING; ; asked *= CROWDING) {
      const all = this.#predictor.nearest(vector, asked)
      const functions = new Set([except])
      const neighbors: Neighbor[] = []
      for (const { index, distance } of all) {
        // The predictor holds the runs in this order, and none is ever removed.
        const run = this.#runs[index]!
        if (functions.has(run.signature) || this.#isOutdone(run) || !isWitness(run)) continue
        functions.add(run.signature)
        neighbors.push({ run, distance })
        const isAll = functions.size === this.#functions.size + Number(!this.#functions.has(except))
        if (neighbors.length === count || isAll) return neighbors
      }
      if (all.length < asked) return neighbors
    }
  }

  /** Whether a later run of the function measured what this one did not. */
  #isOutdone(run: Run): boolean {
    return !hasMeasured(run) && this.#measured.has(run.signature)
  }

  #append(situation: string, run: Run): void {
    this.#situations.set(situation, this.#runs.length)
    this.#runs.push(run)
    const { speedup, signature } = run
    this.#functions.add(signature)
    this.#predictor.add({ features: vectorOf(run), targets: { speedup }, group: signature })
  }

  #dropOldest(): void {
    const kept = [...this.#situations].slice(-LEFT_SITUATIONS)
    const runs = this.#runs
    this.#runs = []
    this.#situations = new Map()
    this.#functions = new Set()
    this.#predictor = predictorWith(this.#weights)
    for (const [situation, place] of kept) this.#append(situation, runs[place]!)
    this.#measured = new Set(this.#runs.filter(hasMeasured).map(({ signature }) => signature))
  }
}

function predictorWith(weights: readonly number[]): KnnPredictor<'speedup'> {
  return new KnnPredictor({
    dimensions: FEATURE_NAMES.length,
    featureNames: FEATURE_NAMES,
    weights: meanOne(weights),
    targets: { speedup: { integer: false, min: 0 } },
  })
}

/** Whether a run measured what it costs to send: not one that was predicted, nor one of another's. */
function hasMeasured({ costs }: Run): boolean {
  return costs.cloneMs !== undefined
}

function situationOf(run: Run): string {
  const tenths = Array.from(vectorOf(run), (x) => Math.round(x * TENTHS))
  return `${run.signature} ${run.machine} ${tenths.join(' ')}`
}

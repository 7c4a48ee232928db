/** The runs of other functions, found by how alike their features are. */
import { FEATURE_NAMES } from '@amorsize/features'
import { KnnPredictor } from '@amorsize/knn'

import { vectorOf } from './run.ts'
import type { Run } from './run.ts'

/** A run and its distance from what was asked. */
export interface Neighbor {
  readonly run: Run
  readonly distance: number
}

/** Situations kept. One is a function on a machine, its features to a tenth of their range. */
const MOST_SITUATIONS = 5000
const TENTHS = 10

/** Neighbours asked for at first for each that is wanted: those of one function lie together. */
const CROWDING = 4

/** One run of every situation. */
export class Strangers {
  readonly #runs: Run[] = []
  /** Places of the situations among the runs. */
  readonly #situations = new Map<string, number>()
  readonly #predictor: KnnPredictor<'speedup'>

  /** @param runs - In the order of their coming; of a situation the latest counts. */
  constructor(runs: Iterable<Run>, weights: readonly number[]) {
    this.#predictor = new KnnPredictor({
      dimensions: FEATURE_NAMES.length,
      featureNames: FEATURE_NAMES,
      weights,
      targets: { speedup: { integer: false, min: 0 } },
    })
    for (const run of runs) this.add(run)
  }

  /** Takes in a run that measured what it cost to send: in the place of one of the same situation. */
  add(run: Run): void {
    if (run.isTainted || run.costs.cloneMs === undefined) return
    const situation = situationOf(run)
    const place = this.#situations.get(situation)
    if (place !== undefined) {
      this.#runs[place] = run
      return
    }
    if (this.#runs.length === MOST_SITUATIONS) return
    this.#situations.set(situation, this.#runs.length)
    this.#runs.push(run)
    const { speedup, signature } = run
    this.#predictor.add({ features: vectorOf(run), targets: { speedup }, group: signature })
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
        if (functions.has(run.signature) || !isWitness(run)) continue
        functions.add(run.signature)
        neighbors.push({ run, distance })
        if (neighbors.length === count) return neighbors
      }
      if (all.length < asked) return neighbors
    }
  }
}

function situationOf(run: Run): string {
  const tenths = Array.from(vectorOf(run), (x) => Math.round(x * TENTHS))
  return `${run.signature} ${run.machine} ${tenths.join(' ')}`
}

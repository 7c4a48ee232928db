/**
 * The runs of a history that is kept by columns, none read before it is asked for: a prediction needs
 * some dozens of ten thousand. What it says is what the runs would say, taken in one by one.
 */
import type { SampleColumns, SampleList } from '@amorsize/cache'
import type { StartMethod } from '@amorsize/features'

import { markRuns } from './credible-columns.ts'
import { isCost, outcomeOf, readRun, runKey } from './run.ts'
import type { Measurement } from './machine-terms.ts'
import type { MeasuredCosts, Run } from './run.ts'
import type { Basis, Outcome } from './trial.ts'

/** Fields of a sample that keep the outcome of a trial. */
const OUTCOME_FIELDS: Record<Basis, readonly [confidence: string, isGood: string]> = {
  own: ['ownConfidence', 'ownGood'],
  stranger: ['strangerConfidence', 'strangerGood'],
}

/** Runs by place, the oldest first. */
export class RunTable {
  readonly #samples: SampleList
  readonly #columns: SampleColumns
  /** Digest of the settings that trials have to be made with. */
  readonly #settingsDigest: number
  /** 1 where the sample is a run, and one that did not come before. */
  readonly #isRun: Uint8Array
  readonly #signatures: Uint32Array
  readonly #textPlaces: ReadonlyMap<string | null, number>
  readonly #timestampsMs: Float64Array
  /** 1 for the index of each function's signature. */
  readonly #isFunction: Uint8Array
  /** Number of samples that were taken in. */
  readonly end: number
  /** Number of functions. */
  readonly functionCount: number
  /** Runs before this place have been dropped. */
  #start = 0
  #size = 0

  /**
   * The runs of a list up to the first that would have to be tried.
   *
   * @param firstTried - Place from which runs are tried that were not.
   * @returns `undefined` for a list that has no columns, or is in no order of time.
   */
  static of(samples: SampleList, settingsDigest: number, firstTried: number): RunTable | undefined {
    const { columns } = samples
    if (!columns || !isSorted(columns.number('timestampMs'))) return undefined
    return new RunTable(samples, columns, settingsDigest, firstTried)
  }

  private constructor(
    samples: SampleList,
    columns: SampleColumns,
    settingsDigest: number,
    firstTried: number,
  ) {
    const { indices, texts } = columns.text('functionSignature')
    this.#samples = samples
    this.#columns = columns
    this.#settingsDigest = settingsDigest
    this.#signatures = indices
    this.#textPlaces = new Map(texts.map((text, place) => [text, place]))
    this.#timestampsMs = columns.number('timestampMs')
    this.#isRun = markRuns(columns, samples.length)
    this.end = this.#firstUntried(firstTried)
    this.#isFunction = new Uint8Array(texts.length)
    let functionCount = 0
    for (let place = 0; place < this.end; place++) {
      if (this.#isRun[place] === 0) continue
      this.#size++
      const signature = indices[place]!
      functionCount += 1 - this.#isFunction[signature]!
      this.#isFunction[signature] = 1
    }
    this.functionCount = functionCount
  }

  /** Number of runs. */
  get size(): number {
    return this.#size
  }

  /** The runs, the latest first. */
  *latestRuns(): Iterable<Run> {
    for (let place = this.end - 1; place >= this.#start; place--)
      if (this.#isRun[place] === 1) yield this.#runAt(place)
  }

  /** Whether a function has a run. */
  hasFunction(signature: string): boolean {
    return this.#isFunction[this.#indexOf(signature)] === 1
  }

  /**
   * The latest runs of a function, the oldest first.
   *
   * @param most - Of those of one item at a time, and of the others.
   */
  runsOf(signature: string, most: number): Run[] {
    const isOf = this.#isOf(signature)
    const jobs = this.#columns.number('nJobs')
    const alone = this.#latest(most, (place) => isOf(place) && jobs[place] === 1)
    const beside = this.#latest(most, (place) => isOf(place) && jobs[place] !== 1)
    return [...alone, ...beside].toSorted((a, b) => a - b).map((place) => this.#runAt(place))
  }

  /** Whether a run is among them. */
  has(run: Run): boolean {
    const times = this.#timestampsMs
    let place = this.#firstFrom(run.timestampMs)
    for (; place < this.end && times[place] === run.timestampMs; place++) {
      if (this.#isRun[place] === 1 && runKey(this.#runAt(place)) === runKey(run)) return true
    }
    return false
  }

  /** What the latest runs on a machine measured of one cost, the oldest first. */
  latestCosts(
    name: keyof MeasuredCosts,
    machine: string,
    startMethod: StartMethod,
    most: number,
  ): Measurement[] {
    const machines = this.#columns.text('machine')
    const startMethods = this.#columns.text('startMethod')
    const machineIndex = machines.texts.indexOf(machine)
    const methodIndex = startMethods.texts.indexOf(startMethod)
    const isTainted = this.#columns.number('isTainted')
    const values = this.#columns.number(name)
    const places = this.#latest(
      most,
      (place) =>
        machines.indices[place] === machineIndex &&
        startMethods.indices[place] === methodIndex &&
        isTainted[place] !== 1 &&
        isCost(name, values[place]),
    )
    return places.map((place) => ({
      timestampMs: this.#timestampsMs[place]!,
      value: values[place]!,
    }))
  }

  /**
   * What the latest predictions came to, the oldest first.
   *
   * @param signature - Of one function; without it of all.
   */
  latestOutcomes(basis: Basis, most: number, signature?: string): Outcome[] {
    const [confidenceField, goodField] = OUTCOME_FIELDS[basis]
    const confidences = this.#columns.number(confidenceField)
    const goods = this.#columns.number(goodField)
    const digests = this.#columns.number('settingsDigest')
    const isOf = signature === undefined ? () => true : this.#isOf(signature)
    const outcomeAt = (place: number): Outcome | undefined =>
      outcomeOf(confidences[place], goods[place])
    const places = this.#latest(
      most,
      (place) =>
        digests[place] === this.#settingsDigest && isOf(place) && outcomeAt(place) !== undefined,
    )
    return places.map((place) => outcomeAt(place)!)
  }

  /** Drops the oldest runs; how many there were to drop. What was learned from them stays. */
  drop(count: number): number {
    const before = this.#size
    while (this.#start < this.end && before - this.#size < count)
      this.#size -= this.#isRun[this.#start++]!
    return before - this.#size
  }

  #runAt(place: number): Run {
    // Its columns have just told that it is one.
    return readRun(this.#samples.at(place)!)!
  }

  #isOf(signature: string): (place: number) => boolean {
    const index = this.#indexOf(signature)
    return (place) => this.#signatures[place] === index
  }

  /** Place of a signature among the texts; -1 for none. */
  #indexOf(signature: string): number {
    return this.#textPlaces.get(signature) ?? -1
  }

  /** Places of the latest runs of which something holds, ascending. */
  #latest(most: number, holds: (place: number) => boolean): number[] {
    const places: number[] = []
    for (let place = this.end - 1; place >= 0 && places.length < most; place--)
      if (this.#isRun[place] === 1 && holds(place)) places.push(place)
    return places.toReversed()
  }

  #firstUntried(from: number): number {
    const digests = this.#columns.number('settingsDigest')
    for (let place = Math.max(0, from); place < this.#isRun.length; place++)
      if (this.#isRun[place] === 1 && digests[place] !== this.#settingsDigest) return place
    return this.#isRun.length
  }

  /** The first place from which no run is older, by bisection. */
  #firstFrom(timestampMs: number): number {
    let low = this.#start
    let high = this.end
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#timestampsMs[middle]! < timestampMs) low = middle + 1
      else high = middle
    }
    return low
  }
}

function isSorted(values: Float64Array): boolean {
  for (let place = 1; place < values.length; place++)
    if (!(values[place]! >= values[place - 1]!)) return false
  return true
}

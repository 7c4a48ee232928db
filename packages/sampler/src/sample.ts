/** The items of a dry run that were looked at so far, and their results. */
import { assertWhole } from './data.ts'
import { rankCorrelation, sizeOf } from './dependence.ts'
import { ItemError, ItemTimeoutError, WorkerExitError } from './errors.ts'
import { PartialResults } from './partial-results.ts'
import { spreadWalk } from './spread.ts'

/** Ranks of more items would take longer than they are worth. */
const MOST_NOTED = 512

/**
 * Rank correlation of the item time with what may explain it, -1..1; 0 where nothing is known.
 * @public
 */
export interface Dependence {
  /** With the item's position in the data: high for sorted data. */
  readonly onPosition: number
  /** With the item's value, length or size. */
  readonly onSize: number
}

/** Who is told of failures; without them a failure is thrown. */
export interface FailureListeners {
  readonly onItemError?: (error: ItemError | ItemTimeoutError) => void
  readonly onWorkerLoss?: (error: WorkerExitError) => void
}

/** Hands out positions spread over the data, each once. */
export class Sample<I, O> {
  readonly items: ArrayLike<I>
  readonly results: PartialResults<O>
  readonly #walk: () => number
  readonly #listeners: FailureListeners
  #walked = 0
  readonly #isTaken: Uint8Array
  /** The last items noted, by position, size and time, for what the time depends on. */
  #noted: { position: number; size: number; timeMs: number }[] = []

  /** @param known - Results of items that were run before, which are not handed out; who to tell. */
  constructor(
    items: ArrayLike<I>,
    { results, ...listeners }: FailureListeners & { results?: PartialResults<O> | undefined } = {},
  ) {
    this.items = items
    this.#listeners = listeners
    this.results = results ?? new PartialResults(items.length)
    const { itemCount } = this.results
    this.#isTaken = new Uint8Array(itemCount)
    this.#walk = spreadWalk(Math.max(1, itemCount))
  }

  /** Positions of the next items, fewer where they run out. */
  take(count: number): number[] {
    const positions: number[] = []
    const { itemCount } = this.results
    assertWhole(this.items, itemCount)
    for (; positions.length < count && this.#walked < itemCount; this.#walked++) {
      this.#claim(this.#walk(), positions)
    }
    return positions
  }

  /**
   * Positions in a row, from where the walk is next: for quick items, which are spread well enough
   * so, and take less time than a step of the walk.
   */
  takeRow(count: number): number[] {
    const [first] = this.take(1)
    if (first === undefined) return []
    const positions = [first]
    const end = Math.min(this.results.itemCount, first + count)
    for (let position = first + 1; position < end; position++) this.#claim(position, positions)
    return positions
  }

  /** Takes back the end of a row that was not run. */
  giveBack(positions: readonly number[]): void {
    for (const position of positions) this.#isTaken[position] = 0
  }

  #claim(position: number, positions: number[]): void {
    if (this.#isTaken[position] === 1 || this.results.has(position)) return
    this.#isTaken[position] = 1
    positions.push(position)
  }

  /** Tells of a failure, or throws it where nobody asked to be told. */
  fail(error: unknown): void {
    const { onItemError, onWorkerLoss } = this.#listeners
    if (onItemError && (error instanceof ItemError || error instanceof ItemTimeoutError)) {
      this.results.set(error.index, undefined as O)
      onItemError(error)
    } else if (onWorkerLoss && error instanceof WorkerExitError && error.progress !== 'none') {
      onWorkerLoss(error)
    } else throw error
  }

  /** Keeps the times of a batch; those of the batches before ran colder and are dropped. */
  note(positions: readonly number[], timesMs: ArrayLike<number>): void {
    if (positions.length < this.#noted.length) return
    this.#noted = positions.slice(0, MOST_NOTED).map((position, place) => ({
      position,
      // Positions are within the items.
      size: sizeOf(this.items[position]!),
      timeMs: timesMs[place] ?? Number.NaN,
    }))
  }

  /** What the item time depends on, as far as the noted items show. */
  dependence(): Dependence {
    const times = this.#noted.map(({ timeMs }) => timeMs)
    const positions = this.#noted.map(({ position }) => position)
    const sizes = this.#noted.map(({ size }) => size)
    return {
      onPosition: rankCorrelation(positions, times),
      onSize: sizes.some(Number.isNaN) ? 0 : rankCorrelation(sizes, times),
    }
  }
}

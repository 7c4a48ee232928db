/** The samples of a folder, the oldest first: rows of the snapshot, and what was read from files. */
import type { WorkloadFeatures } from '@amorsize/features'

import { isFreeName } from './codec.ts'
import type { TrainingSample } from './records.ts'
import type { SampleColumns, SampleList, TextColumn } from './sample-list.ts'
import type { Snapshot } from './snapshot.ts'
import { Turn } from './turns.ts'

/** Rows between two looks at the time; they take 0.2 ms. */
const ROWS_PER_LOOK = 64

/** A sample and the name of its file. */
export interface NamedSample {
  readonly name: string
  readonly sample: TrainingSample
}

/** Places of the known numbers in a snapshot, in the units of the API. */
const FEATURE_PLACES: Readonly<Record<NumericFeature, number>> = {
  dataSize: 0,
  itemTimeMs: 1,
  physicalCores: 2,
  availableMemoryBytes: 3,
  serializedBytes: 4,
  coefficientOfVariation: 5,
  functionComplexity: 6,
}
const NUMBER_PLACES: ReadonlyMap<string, number> = new Map([
  ['nJobs', 7],
  ['chunkSize', 8],
  ['speedup', 9],
])
const TEXT_PLACES: Readonly<Record<TextName, number>> = {
  startMethod: 0,
  functionSignature: 1,
  machine: 2,
  executor: 3,
}

const MS_PER_SECOND = 1000

type NumericFeature = Parameters<SampleColumns['feature']>[0]
type TextName = Parameters<SampleColumns['text']>[0]

/** A list of samples, none of the snapshot's made before it is asked for. */
export class FolderSamples implements SampleList, SampleColumns {
  readonly #snapshot: Snapshot
  /** Rows of the snapshot that count. */
  readonly #rows: Uint32Array
  readonly #others: readonly NamedSample[]
  /** By place: a row of the snapshot or, below 0, the complement of a place among the others. */
  readonly #order: Int32Array

  /**
   * @param rows - The rows of the snapshot that count, ascending.
   * @param others - Samples beside them, in any order.
   */
  constructor(snapshot: Snapshot, rows: Uint32Array, others: readonly NamedSample[]) {
    this.#snapshot = snapshot
    this.#rows = rows
    this.#others = others.toSorted(byAge)
    this.#order = merge(snapshot, rows, this.#others)
  }

  get length(): number {
    return this.#order.length
  }

  get columns(): SampleColumns {
    return this
  }

  at(place: number): TrainingSample | undefined {
    const row = this.#order[place]
    if (row === undefined) return undefined
    return row < 0 ? this.#others[~row]!.sample : this.#snapshot.sampleAt(row)
  }

  *[Symbol.iterator](): Iterator<TrainingSample> {
    for (let place = 0; place < this.length; place++) yield this.at(place)!
  }

  /** Name of the file of a sample. */
  nameAt(place: number): string {
    const row = this.#order[place]!
    return row < 0 ? this.#others[~row]!.name : this.#snapshot.names[row]!
  }

  /** When a sample was measured, milliseconds since 1970. */
  timestampAt(place: number): number {
    const row = this.#order[place]!
    return row < 0 ? this.#others[~row]!.sample.timestampMs : this.#snapshot.timestampsMs[row]!
  }

  /** Names of the files. */
  names(): string[] {
    return Array.from(this.#order, (_, place) => this.nameAt(place))
  }

  /** These and others. */
  with(others: readonly NamedSample[]): FolderSamples {
    if (others.length === 0) return this
    return new FolderSamples(this.#snapshot, this.#rows, [...this.#others, ...others])
  }

  /** Those that are not older than the one at `place`. */
  from(place: number): FolderSamples {
    if (place === 0) return this
    const order = this.#order.subarray(place)
    const others = [...order].flatMap((row) => (row < 0 ? [this.#others[~row]!] : []))
    return new FolderSamples(
      this.#snapshot,
      Uint32Array.from(order.filter((row) => row >= 0)),
      others,
    )
  }

  /** All of them, made; the event loop gets its turns. */
  async toArray(): Promise<TrainingSample[]> {
    const samples: TrainingSample[] = []
    const turn = new Turn()
    // No iterator: cold, it would leave an object behind for each row.
    for (let place = 0; place < this.length; place++) {
      if (place % ROWS_PER_LOOK === 0 && turn.isOver()) await turn.pass()
      samples.push(this.at(place)!)
    }
    return samples
  }

  feature(name: NumericFeature): Float64Array {
    const known = this.#snapshot.knownNumbers(FEATURE_PLACES[name])
    const column = name === 'itemTimeMs' ? known.map((seconds) => seconds * MS_PER_SECOND) : known
    return this.#numbers(column, ({ features }) => features[name as keyof WorkloadFeatures])
  }

  number(name: string): Float64Array {
    return this.#numbers(this.#columnOf(name), (sample) => sample[name])
  }

  text(name: TextName): TextColumn {
    const { texts } = this.#snapshot
    const column = this.#snapshot.textIndices(TEXT_PLACES[name])
    if (this.#others.length === 0) return { texts, indices: this.#inOrder(column) }
    const places = new Map(texts.map((text, place) => [text, place]))
    const indices = new Uint32Array(this.length)
    for (const [place, row] of this.#order.entries()) {
      const text = row < 0 ? textOf(this.#others[~row]!.sample, name) : texts[column[row]!]!
      if (!places.has(text)) places.set(text, places.size)
      indices[place] = places.get(text)!
    }
    return { texts: [...places.keys()], indices }
  }

  #columnOf(name: string): Float64Array {
    if (name === 'timestampMs') return this.#snapshot.timestampsMs
    const place = NUMBER_PLACES.get(name)
    if (place !== undefined) return this.#snapshot.knownNumbers(place)
    // What has a name of the format is no field of a sample.
    return this.#snapshot.otherNumbers(isFreeName(name) ? name : '')
  }

  #numbers(column: Float64Array, valueOf: (sample: TrainingSample) => unknown): Float64Array {
    if (this.#isWhole()) return column
    const numbers = new Float64Array(this.length)
    for (let place = 0; place < numbers.length; place++) {
      const row = this.#order[place]!
      numbers[place] = row < 0 ? toNumber(valueOf(this.#others[~row]!.sample)) : column[row]!
    }
    return numbers
  }

  #inOrder(column: Uint32Array): Uint32Array {
    return this.#isWhole() ? column : Uint32Array.from(this.#rows, (row) => column[row]!)
  }

  /** Whether these are the rows of the snapshot and nothing else. */
  #isWhole(): boolean {
    return this.#others.length === 0 && this.#rows.length === this.#snapshot.names.length
  }
}

/** The oldest first, equal times in the order of their names. */
function byAge(a: NamedSample, b: NamedSample): number {
  if (a.sample.timestampMs !== b.sample.timestampMs)
    return a.sample.timestampMs - b.sample.timestampMs
  return a.name < b.name ? -1 : 1
}

function merge(
  { names, timestampsMs }: Snapshot,
  rows: Uint32Array,
  others: readonly NamedSample[],
): Int32Array {
  if (others.length === 0) return Int32Array.from(rows)
  const order = new Int32Array(rows.length + others.length)
  let row = 0
  for (let place = 0; place < order.length; place++) {
    const other = others[place - row]
    order[place] =
      other && (row === rows.length || isBefore(other, rows[row]!)) ? ~(place - row) : rows[row++]!
  }
  return order

  function isBefore({ name, sample }: NamedSample, at: number): boolean {
    const timestampMs = timestampsMs[at]!
    return (
      sample.timestampMs < timestampMs || (sample.timestampMs === timestampMs && name < names[at]!)
    )
  }
}

function textOf(sample: TrainingSample, name: TextName): string | null {
  return (name === 'startMethod' ? sample.features.startMethod : sample[name]) ?? null
}

function toNumber(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN
}

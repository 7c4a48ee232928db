/** Samples that are made when they are asked for: whoever needs a few of ten thousand makes a few. */
import type { WorkloadFeatures } from '@amorsize/features'

import type { TrainingSample } from './records.ts'

/**
 * Samples in an order. An array of them is one; what reads them from a file may make each when it is
 * asked for, anew each time.
 * @public
 */
export interface SampleList extends Iterable<TrainingSample> {
  /** How many there are. */
  readonly length: number
  /** The sample at a place; `undefined` beyond the end. */
  at(place: number): TrainingSample | undefined
  /** Their values by field, where they are kept so: ten thousand numbers take no object. */
  readonly columns?: SampleColumns | undefined
}

/**
 * The values of the samples of a list, by field and place. They are read, never written.
 * @public
 */
export interface SampleColumns {
  /** A number among the features; NaN where a sample has none. */
  feature(name: Exclude<keyof WorkloadFeatures, 'startMethod'>): Float64Array
  /** A number of the samples; NaN where one has none, or something else of that name. */
  number(name: string): Float64Array
  /** A text of the samples, or the start method among their features. */
  text(name: 'functionSignature' | 'machine' | 'executor' | 'startMethod'): TextColumn
}

/**
 * Texts, each kept once.
 * @public
 */
export interface TextColumn {
  /** The text of a place is that at its index in `texts`; `null` where it has none. */
  readonly indices: Uint32Array
  /** No text twice. Other columns may share the list. */
  readonly texts: readonly (string | null)[]
}

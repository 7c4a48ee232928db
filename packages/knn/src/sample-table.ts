/**
 * What is known of each sample besides its vector, in columns by id. The columns of weights and
 * groups exist only once a sample has one, since most histories have neither.
 */
import { Column } from './column.ts'
import type { CheckedSample } from './sample.ts'

/** Group number of a sample that has none. */
const NO_GROUP = 0

export class SampleTable {
  readonly #values: readonly Column<Float64Array>[]
  #weights: Column<Float64Array> | undefined
  #groups: Column<Uint32Array> | undefined
  readonly #groupNames: (string | undefined)[] = [undefined]
  readonly #groupNumbers = new Map<string | undefined, number>([[undefined, NO_GROUP]])
  #size = 0

  constructor(targetCount: number) {
    this.#values = Array.from({ length: targetCount }, createFloatColumn)
  }

  get size(): number {
    return this.#size
  }

  get hasWeights(): boolean {
    return this.#weights !== undefined
  }

  get hasGroups(): boolean {
    return this.#groups !== undefined
  }

  push({ values, weight, group }: Omit<CheckedSample, 'vector'>): void {
    for (const [target, column] of this.#values.entries()) column.push(values[target]!)
    if (weight !== 1) this.#weights ??= filled(createFloatColumn(), 1, this.#size)
    this.#weights?.push(weight)
    if (group !== undefined) this.#groups ??= filled(createIntegerColumn(), NO_GROUP, this.#size)
    this.#groups?.push(this.#groupNumber(group))
    this.#size++
  }

  append(other: SampleTable): void {
    for (let id = 0; id < other.size; id++) this.push(other.read(id))
  }

  value(id: number, target: number): number {
    return this.#values[target]!.at(id)
  }

  weight(id: number): number {
    return this.#weights?.at(id) ?? 1
  }

  group(id: number): string | undefined {
    return this.#groups && this.#groupNames[this.#groups.at(id)]
  }

  /** Whether two samples belong to one group; a sample without one is alone. */
  isSameGroup(id: number, other: number): boolean {
    if (id === other) return true
    const group = this.#groups?.at(id) ?? NO_GROUP
    return group !== NO_GROUP && group === this.#groups?.at(other)
  }

  read(id: number): Omit<CheckedSample, 'vector'> {
    const values = this.#values.map((column) => column.at(id))
    return { values, weight: this.weight(id), group: this.group(id) }
  }

  #groupNumber(group: string | undefined): number {
    const known = this.#groupNumbers.get(group)
    if (known !== undefined) return known
    const number = this.#groupNames.push(group) - 1
    this.#groupNumbers.set(group, number)
    return number
  }
}

function createFloatColumn(): Column<Float64Array> {
  return new Column((length) => new Float64Array(length))
}

function createIntegerColumn(): Column<Uint32Array> {
  return new Column((length) => new Uint32Array(length))
}

function filled<C extends Column<Float64Array> | Column<Uint32Array>>(
  column: C,
  value: number,
  count: number,
): C {
  for (let row = 0; row < count; row++) column.push(value)
  return column
}

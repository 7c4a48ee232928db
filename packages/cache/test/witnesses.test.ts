import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { findWitnesses } from '../src/witnesses.ts'

test('bounds and wholeness that hold for the witnesses hold for every row', () => {
  const number = fc.oneof(
    fc.integer({ min: -5, max: 5 }),
    fc.constantFrom(0.5, -0.5, Number.NaN, Infinity, -Infinity),
  )
  const columns = fc
    .integer({ min: 1, max: 12 })
    .chain((rows) =>
      fc
        .array(number, { minLength: 2 * rows, maxLength: 2 * rows })
        .map((values) => ({ rows, values })),
    )
  fc.assert(
    fc.property(
      columns,
      fc.integer({ min: -6, max: 6 }),
      fc.integer({ min: -6, max: 6 }),
      fc.boolean(),
      ({ rows, values }, low, high, isWhole) => {
        const numbers = Float64Array.from(values)
        const isGood = (value: number): boolean =>
          value >= low && value <= high && (!isWhole || Number.isInteger(value))
        const isGoodRow = (row: number): boolean =>
          [row, rows + row].every((at) => isGood(numbers[at] ?? Number.NaN))
        const all = Array.from({ length: rows }, (_, row) => row)

        const witnesses = findWitnesses({
          rows,
          numbers,
          whole: [0, 1],
          indices: new Uint32Array(),
          textCount: 0,
        })

        expect([...witnesses].every(isGoodRow)).toBe(all.every(isGoodRow))
      },
    ),
  )
})

test('every text has a row that bears it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4), { minLength: 1, maxLength: 20 }), (values) => {
      const indices = Uint32Array.from(values)

      const witnesses = findWitnesses({
        rows: values.length,
        numbers: new Float64Array(values.length),
        whole: [],
        indices,
        textCount: 5,
      })

      expect(new Set([...witnesses].map((row) => values[row]))).toEqual(new Set(values))
    }),
  )
})

test('no rows have no witnesses', () => {
  expect(
    findWitnesses({
      rows: 0,
      numbers: new Float64Array(),
      whole: [],
      indices: new Uint32Array(),
      textCount: 0,
    }).size,
  ).toBe(0)
})

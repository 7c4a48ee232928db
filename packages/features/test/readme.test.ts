import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { InvalidArgumentError, InvalidFeatureError } from '../src/errors.ts'
import { FEATURE_DIMENSIONS, type FeatureDimension } from '../src/ranges.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

function rowOf(dimension: FeatureDimension, index: number): string {
  const { name, field, meaning, scale, isOptional } = dimension
  const cells = [index, name, `\`${field}\`${isOptional ? ', optional' : ''}`, meaning, scale]
  return `| ${[...cells, rangeOf(dimension)].join(' | ')} |`
}

function rangeOf(dimension: FeatureDimension): string {
  if (dimension.scale !== 'category') {
    return `${dimension.foot} to ${dimension.top} ${dimension.unit}`
  }
  const places = Object.entries(dimension.places).map(([name, place]) => `${name} ${place}`)
  return [...places, `any other ${dimension.unknownPlace}`].join(', ')
}

test('the table of features is that of the code', () => {
  const rows = readme.split('\n').filter((line) => /^\| \d +\|/.test(line))

  expect(rows.map((row) => row.replaceAll(/ +/g, ' '))).toEqual(FEATURE_DIMENSIONS.map(rowOf))
})

test('every error code is listed', () => {
  const errors = [
    new InvalidFeatureError('dataSize', '', 0, ''),
    new InvalidArgumentError('', '', 0, ''),
  ]

  for (const { code, name } of errors) {
    expect(readme).toContain(code)
    expect(readme).toContain(name)
  }
})

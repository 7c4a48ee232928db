import { expect, test } from 'vitest'

import { prepareTask } from '@amorsize/sampler'

import { WORKLOADS } from '../src/workloads/index.ts'

const FEWEST_WORKLOADS = 30
const FEWEST_FUNCTIONS = 20

test('there are enough workloads, each with a name of its own', () => {
  const names = WORKLOADS.map(({ name }) => name)
  const functions = new Set(WORKLOADS.map(({ module }) => module.url + module.exportName))

  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThanOrEqual(FEWEST_WORKLOADS)
  expect(functions.size).toBeGreaterThanOrEqual(FEWEST_FUNCTIONS)
})

test.each(WORKLOADS.filter(({ task }) => typeof task === 'function'))(
  '$name travels as source: its function needs nothing from outside',
  ({ task }) => {
    expect(prepareTask(task, undefined).definition.kind).toBe('source')
  },
)

/** Making the data of the others takes up to a second each. */
const SMALL = 100

test.each(
  WORKLOADS.filter(({ itemCount, family }) => itemCount <= SMALL && family !== 'big inputs'),
)(
  '$name has the same data for the same seed, and an answer for its first item',
  async ({ run, makeData, itemCount }) => {
    const items = makeData(3)

    expect(items).toHaveLength(itemCount)
    expect(makeData(3)[0]).toEqual(items[0])
    expect(await run(items[0])).toBeDefined()
  },
)

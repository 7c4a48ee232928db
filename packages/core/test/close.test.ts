import { subscribe, unsubscribe } from 'node:diagnostics_channel'

import { createMemoryStore } from '@amorsize/cache'
import type { Runtime, WorkerEvent } from '@amorsize/sampler'
import { afterEach, beforeEach, expect, it } from 'vitest'

import { close, execute } from '../src/index.ts'

const RUNTIMES: readonly Runtime[] = ['worker_threads', 'child_process']

let events: WorkerEvent[] = []
const note = (event: unknown): void => void events.push(event as WorkerEvent)
beforeEach(() => subscribe('amorsize:worker', note))
afterEach(async () => {
  await close()
  unsubscribe('amorsize:worker', note)
})

/** The workers that an event was told of, by their places in the pool. */
const told = (event: WorkerEvent['event']): number[] =>
  events.filter((one) => one.event === event).map(({ worker }) => worker)

it.each(RUNTIMES)(
  'close() ends every worker of %s; the next call starts others',
  async (runtime) => {
    const options = { runtime, store: createMemoryStore(), allowMainThread: false }
    const negate = (item: number): number => -item
    events = []

    expect(await execute(negate, [1, 2, 3], options)).toEqual([-1, -2, -3])
    await close()
    expect(told('start')).toContain(0)
    expect(told('end')).toEqual(expect.arrayContaining(told('start')))

    events = []
    expect(await execute(negate, [4, 5], options)).toEqual([-4, -5])
    expect(told('start')).toContain(0)
  },
)

it('close() twice does nothing', async () => {
  await close()
  events = []
  await close()

  expect(events).toEqual([])
})

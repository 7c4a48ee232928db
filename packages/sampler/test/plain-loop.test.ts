import { describe, expect, it } from 'vitest'

import { PlainLoop } from '../src/plain-loop.ts'
import { Sample } from '../src/sample.ts'
import { prepareTask } from '../src/prepared-task.ts'

const items = Array.from({ length: 50_000 }, (_, index) => index)
const QUICK_MS = 0.0001
const LONG_MS = 5
const QUICK_ITEMS = 20_000

/** A loop over items that are quick first and long later, by a clock that they alone move. */
function loopOver({ isAsync, signal }: { isAsync: boolean; signal?: AbortSignal }) {
  const sample = new Sample<number, number>(items)
  const clock = { nowMs: 0, now: () => clock.nowMs }
  const state = { calls: 0, sample }
  const call = (item: number): number => {
    clock.nowMs += state.calls++ < QUICK_ITEMS ? QUICK_MS : LONG_MS
    return -item
  }
  const task = {
    ...prepareTask((item: number) => item, undefined),
    load: async () => (isAsync ? async (item: number) => call(item) : call),
  }
  const loop = new PlainLoop(task, sample, { clock, ...(signal && { signal }) })
  return { state, loop }
}

describe.each([false, true])('the plain loop over items that turn long, async %s', (isAsync) => {
  it('gives others their turn soon, and runs no item twice or never', async () => {
    const { state, loop } = loopOver({ isAsync })
    const callsAtTurn: number[] = []
    const isFarEnough = new Promise<void>((resolve) => {
      const watch = (): void => {
        callsAtTurn.push(state.calls)
        if (state.calls > QUICK_ITEMS + 100) resolve()
        else setImmediate(watch)
      }
      setImmediate(watch)
    })

    await loop.runWhile(isFarEnough)

    const longItems = callsAtTurn.map((calls) => Math.max(0, calls - QUICK_ITEMS))
    const perTurn = longItems.slice(1).map((count, nth) => count - longItems[nth]!)
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(isAsync ? 1 : 64)
    expect(perTurn.at(-1)).toBe(1)
    expect(loop.itemCount).toBe(state.calls)
    expect(state.sample.results.doneCount).toBe(state.calls)
  })

  it('starts none of them after an abort', async () => {
    const controller = new AbortController()
    const { state, loop } = loopOver({ isAsync, signal: controller.signal })
    const never = new Promise<void>(() => {})

    const run = loop.runWhile(never)
    setImmediate(() => controller.abort(new Error('enough')))

    await expect(run).rejects.toThrow('enough')
    const calls = state.calls
    await new Promise(setImmediate)
    expect(state.calls).toBe(calls)
    expect(calls).toBeLessThan(items.length)
  })
})

it('what was not run of a row is handed out again', () => {
  const sample = new Sample<number, number>([0, 1, 2, 3, 4, 5, 6, 7])
  const row = sample.takeRow(8)

  sample.giveBack(row.slice(2))

  expect(new Set([...row.slice(0, 2), ...sample.take(8)])).toEqual(
    new Set(sample.items as number[]),
  )
})

/** What `execute()` costs where it cannot gain: beside the plain loop. */
import { createMemoryStore, execute } from '@amorsize/core'

import { measureRatio } from '../harness/paired-ratio.ts'
import type { Finding, SuiteReport } from '../harness/report.ts'

const PAIRS = 31
const ITEMS = 20_000
const LARGEST_RATIO = 1.05
const LARGEST_EXTRA_MS = 0.3

/** Tasks too quick for any worker. */
const TASKS: Record<string, (item: number) => number> = {
  'a multiplication': (item) => item * 2,
  'a short loop': (item) => {
    let sum = 0
    for (let index = 0; index < 50; index++) sum += Math.sqrt(item + index)
    return sum
  },
}

/** Compares warm code, the decision in the cache, with the loop a user would write. */
export async function benchOverhead(): Promise<SuiteReport> {
  const items = Array.from({ length: ITEMS }, (_, index) => index)
  const store = createMemoryStore()
  const findings: Finding[] = []
  for (const [name, task] of Object.entries(TASKS)) {
    await execute(task, items, { store })
    const { value, subject, baseline } = await measureRatio(
      () => timeMs(() => execute(task, items, { store })),
      () => timeMs(() => plainLoop(task, items)),
      PAIRS,
    )
    findings.push({
      what: `execute() / plain loop, ${name} over ${ITEMS} items`,
      target: `<= ${LARGEST_RATIO} + ${LARGEST_EXTRA_MS} ms`,
      measured: `${value.toFixed(2)}, ${subject.toFixed(2)} ms / ${baseline.toFixed(2)} ms`,
      isMet: subject <= baseline * LARGEST_RATIO + LARGEST_EXTRA_MS,
    })
  }
  return { findings }
}

function plainLoop<I, O>(task: (item: I) => O, items: readonly I[]): O[] {
  const results: O[] = []
  for (const item of items) results.push(task(item))
  return results
}

async function timeMs(work: () => unknown): Promise<number> {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}

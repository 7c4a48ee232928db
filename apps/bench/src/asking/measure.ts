/** What deciding costs by itself, in a warm process: from the cache, and by a dry run. */
import { setTimeout as wait } from 'node:timers/promises'

import { execute, optimize, TaskPool } from '@amorsize/core'

import { workloadNamed } from '../workloads/index.ts'

/** What to measure. */
export interface AskingOrder {
  readonly name: string
  readonly seed: number
  readonly repetitions: number
}

/** Times of single decisions, milliseconds. */
export interface AskingMeasurement {
  readonly name: string
  /** Mean time of an item, by which a budget may be overrun. */
  readonly itemTimeMs: number
  readonly dryRunMs: readonly number[]
  /** One call right after the other. */
  readonly cachedMs: readonly number[]
  /** Calls further apart than what is known of the system is kept. */
  readonly apartMs: readonly number[]
}

const WARM_UP = 30
const APART_MS = 1100
const CALLS_APART = 3

/** Called in a child process; its cache is the default one, in an empty folder. */
export async function measureAsking(order: AskingOrder): Promise<AskingMeasurement> {
  const { task, itemCount, isAsync, ...workload } = workloadNamed(order.name)
  const items = workload.makeData(order.seed)
  await using pool = new TaskPool()
  await execute(task, items, { pool })
  const startMs = performance.now()
  for (const item of items) {
    const returned = workload.run(item)
    if (isAsync) await returned
  }
  const itemTimeMs = (performance.now() - startMs) / itemCount

  const decide = async (useCache: boolean): Promise<number> => {
    const { decisionTimeMs } = await optimize(task, items, { pool, useCache })
    return decisionTimeMs
  }
  const times = async (count: number, measure: () => Promise<number>): Promise<number[]> => {
    const measured: number[] = []
    for (let repetition = 0; repetition < count; repetition++) measured.push(await measure())
    return measured
  }
  const dryRunMs = await times(order.repetitions, () => decide(false))
  await times(WARM_UP, () => decide(true))
  const cachedMs = await times(WARM_UP, () => decide(true))
  const apartMs = await times(CALLS_APART, () => wait(APART_MS).then(() => decide(true)))
  return { name: order.name, itemTimeMs, dryRunMs, cachedMs, apartMs }
}

/** Observations of the real workloads, kept in a file: measured once, asked about as often as wanted. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

import { waitForCalm } from '../harness/calm.ts'
import { callInChild } from '../harness/child.ts'
import { describeMachine, machineState } from '../harness/report.ts'
import { WORKLOADS } from '../workloads/index.ts'
import type { ObservationOrder, ObservedMap } from './observe-map.ts'
import type { StreamedDecision, StreamOrder } from './observe-stream.ts'

/** All that was observed. */
export interface Observations {
  readonly machine: string
  readonly maps: readonly ObservedMap[]
  /** Maps of the stream, and how its runs were decided. */
  readonly stream: readonly StreamedDecision[]
  readonly streamed: StreamOrder['maps']
}

const FILE = fileURLToPath(new URL('../../results/observations.json', import.meta.url))
const MAP = new URL('./observe-map.js', import.meta.url).href
const STREAM = new URL('./observe-stream.js', import.meta.url).href
const SEED = 1
const FEWEST_ITEMS = 4

/** Each workload over half of its items, and over a short list. */
const EVERY = [2, 5]
const THOROUGH = { runs: 4, budgetMs: 5000 }
const QUICK = { runs: 2, budgetMs: 100 }

/** One workload in so many is in the stream: a hundred runs of each take a while. */
const STREAMED = 4

/** The observations of a file, the usual one where none is named; `undefined` where there are none. */
export function readObservations(file: string = FILE): Observations | undefined {
  // Written by this program.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Observations) : undefined
}

/**
 * Observes what a file lacks, each map in a process of its own, and writes it after every one: whoever
 * stops it loses no more than that. All together take some twelve minutes.
 */
export async function observe(
  { isQuick, patienceMs }: { readonly isQuick: boolean; readonly patienceMs: number },
  file: string = FILE,
  before?: Observations,
): Promise<Observations> {
  const machine = describeMachine(machineState())
  const { runs, budgetMs } = isQuick ? QUICK : THOROUGH
  const orders = WORKLOADS.flatMap(({ name, itemCount }) =>
    EVERY.filter((every) => itemCount / every >= FEWEST_ITEMS || every === EVERY[0]).map(
      (every): ObservationOrder => ({ name, every, seed: SEED, runs, budgetMs }),
    ),
  )
  let observations = before ?? { machine, maps: [], streamed: [], stream: [] }
  const keep = (more: Partial<Observations>): void => {
    observations = { ...observations, ...more }
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${JSON.stringify(observations)}\n`)
  }
  for (const order of orders) {
    const { maps } = observations
    if (maps.some(({ name, every }) => name === order.name && every === order.every)) continue
    await waitForCalm(patienceMs)
    keep({ maps: [...maps, await callInChild<ObservedMap>(MAP, 'observeMap', order)] })
  }
  if (observations.stream.length > 0) return observations
  const streamed = orders
    .filter(({ every }) => every === EVERY.at(-1))
    .filter((_, place) => place % STREAMED === 0)
    .map(({ name, every }) => ({ name, every }))
  await waitForCalm(patienceMs)
  const order: StreamOrder = { maps: streamed, seed: SEED }
  keep({ streamed, stream: await callInChild<StreamedDecision[]>(STREAM, 'observeStream', order) })
  return observations
}

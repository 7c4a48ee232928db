/**
 * A query of `@amorsize/knn` beside its own scan and the two k-NN packages of the registry, on data
 * spread evenly and on data like real histories.
 */
import { createRequire } from 'node:module'

import { median } from '@amorsize/features'
import { KnnPredictor } from '@amorsize/knn'

import { collectGarbage } from '../harness/collect-garbage.ts'
import type { Finding, SuiteReport } from '../harness/report.ts'

type Query = (point: Float64Array) => unknown

interface Generator {
  createRandom: (seed: number) => () => number
  makeHistoryRows: (count: number, random: () => number) => Float64Array
  makeUniformRows: (count: number, random: () => number) => Float64Array
}

const DIMENSIONS = 8
const K = 5
const SIZES = [1_000, 10_000, 100_000, 1_000_000]
/** The peers take seconds to build beyond this, and minutes to query. */
const LARGEST_FOR_PEERS = 100_000
const QUERIES = 60
/** A peer that needs 80 ms a query is asked less often. */
const PEER_QUERIES = 10
const LEAST_FASTER = 20
const MOST_BYTES = 100

const require = createRequire(import.meta.url)

/** Medians of queries that take turns, on the same points in one process. */
export async function benchKnn(): Promise<SuiteReport> {
  const { createRandom, makeHistoryRows, makeUniformRows } = await loadGenerator()
  const findings: Finding[] = []
  for (const [data, makeRows] of Object.entries({
    histories: makeHistoryRows,
    uniform: makeUniformRows,
  })) {
    for (const count of SIZES) {
      const rows = makeRows(count + QUERIES, createRandom(1))
      const points = Array.from({ length: count + QUERIES }, (_, index) =>
        rows.slice(index * DIMENSIONS, (index + 1) * DIMENSIONS),
      )
      const queries = points.splice(count)
      const bytes = bytesPerSample(points)
      const forest = fill('forest', points)
      const contenders: Record<string, Query> = {
        forest: (point) => forest.nearest(point, K),
        scan: nearestBy(fill('scan', points)),
        ...(count <= LARGEST_FOR_PEERS && peers(points)),
      }
      const timesMs = timeInTurn(contenders, queries)
      const faster = timesMs['scan']! / timesMs['forest']!
      console.log(`  ${describe(data, count, timesMs)}, ${Math.round(bytes)} bytes a sample`)
      if (count !== LARGEST_FOR_PEERS || data !== 'histories') continue
      findings.push(
        {
          what: 'scan / forest, 100,000 samples like histories',
          target: `>= ${LEAST_FASTER}`,
          measured: faster.toFixed(0),
          isMet: faster >= LEAST_FASTER,
        },
        {
          what: 'memory of a sample of 8 features and 1 target',
          target: `<= ${MOST_BYTES} bytes`,
          measured: `${Math.round(bytes)} bytes`,
          isMet: bytes <= MOST_BYTES,
        },
      )
    }
  }
  return { findings }
}

/** Of a predictor that was grown one by one and searched, so that its trees are split. */
function bytesPerSample(points: readonly Float64Array[]): number {
  const before = heldBytes()
  const predictor = fill('forest', points)
  for (const point of points.slice(0, QUERIES)) predictor.nearest(point, K)
  const held = heldBytes() - before
  return predictor.size === 0 ? 0 : held / predictor.size
}

/** The made-up histories of the package's own benchmark, which is not published with it. */
function loadGenerator(): Promise<Generator> {
  const url = new URL('../../../../packages/knn/bench/histories.mjs', import.meta.url)
  return import(url.href) as Promise<Generator>
}

function fill(search: 'forest' | 'scan', points: readonly Float64Array[]): KnnPredictor<'y'> {
  const predictor = new KnnPredictor<'y'>({ dimensions: DIMENSIONS, targets: { y: {} }, search })
  for (const features of points) predictor.add({ features, targets: { y: 1 } })
  return predictor
}

function nearestBy(predictor: KnnPredictor<'y'>): Query {
  return (point) => predictor.nearest(point, K)
}

/** Each as its documentation says; ml-knn classifies and does not list neighbours. */
function peers(points: readonly Float64Array[]): Record<string, Query> {
  const MlKnn = require('ml-knn') as new (
    data: number[][],
    labels: number[],
    options: { k: number },
  ) => { predict(point: number[]): unknown }
  const { kdTree: KdTree } = require('kd-tree-javascript') as {
    kdTree: new (
      data: Float64Array[],
      distance: (a: Float64Array, b: Float64Array) => number,
      dimensions: number[],
    ) => { nearest(point: Float64Array, k: number): unknown }
  }
  const classifier = new MlKnn(
    points.map((point) => [...point]),
    points.map(() => 1),
    { k: K },
  )
  const tree = new KdTree([...points], squaredDistance, [...Array(DIMENSIONS).keys()])
  return {
    'ml-knn': (point) => classifier.predict([...point]),
    'kd-tree-javascript': (point) => tree.nearest(point, K),
  }
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let d = 0; d < DIMENSIONS; d++) sum += (a[d]! - b[d]!) ** 2
  return sum
}

/** The first round warms up and, in the forest, splits the trees where the queries go. */
function timeInTurn(
  contenders: Record<string, Query>,
  queries: readonly Float64Array[],
): Record<string, number> {
  const times: Record<string, number[]> = {}
  for (const round of [0, 1]) {
    for (const [index, point] of queries.entries()) {
      for (const [name, query] of Object.entries(contenders)) {
        const isPeer = name !== 'forest' && name !== 'scan'
        if (isPeer && index >= PEER_QUERIES) continue
        const startMs = performance.now()
        query(point)
        if (round === 1) (times[name] ??= []).push(performance.now() - startMs)
      }
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, each]) => [name, median(each)]))
}

const US_PER_MS = 1000

function describe(data: string, count: number, timesMs: Record<string, number>): string {
  const forestMs = timesMs['forest']!
  const others = Object.entries(timesMs)
    .filter(([name]) => name !== 'forest')
    .map(([name, timeMs]) => `${name} ${(timeMs / forestMs).toFixed(1)} times`)
  const size = count.toLocaleString('en-US').padStart(9)
  return `${data.padEnd(9)} ${size}: forest ${(forestMs * US_PER_MS).toFixed(0)} us, ${others.join(', ')}`
}

/** After two collections: what the first one finds to be finalised, the second one frees. */
function heldBytes(): number {
  collectGarbage()
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

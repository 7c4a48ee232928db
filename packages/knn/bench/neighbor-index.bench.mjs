/**
 * The index: where the forest takes over from the scan, how a query grows with the number of samples and
 * what adding costs. `pnpm bench` in this package.
 */
import { KdForest } from '../src/kd-forest.ts'
import { LinearScan } from '../src/linear-scan.ts'
import { NeighborHeap } from '../src/neighbor-heap.ts'
import { createRandom, makeHistoryRows, makeUniformRows } from './histories.mjs'
import { microseconds, printMachine, printTable, timeInterleaved, times } from './report.mjs'
import { makePredictor, makeSamples } from './samples.mjs'

const K = 5
const QUERIES = 300
const WEIGHTS = new Float64Array(8).fill(1)
const DATA = { 'like histories': makeHistoryRows, 'evenly spread': makeUniformRows }

printMachine()
printTakeOver()
printQueries()
printAdding()
printPredictions()

/** The forest as it is at its worst: grown one by one, to a size that leaves it many trees. */
function printTakeOver() {
  const rows = []
  for (const [data, make] of Object.entries(DATA)) {
    for (const count of [125, 250, 500, 1000, 2000, 4000]) {
      const { vectors, queries } = makeData(make, count - 1)
      const scan = fill(new LinearScan(WEIGHTS), vectors)
      const forest = fill(new KdForest(WEIGHTS), vectors)
      const [scanMs, forestMs] = timeQueries([scan, forest], queries, 10)
      rows.push([
        data,
        count - 1,
        microseconds(scanMs),
        microseconds(forestMs),
        times(scanMs / forestMs),
      ])
    }
  }
  printTable('Where the forest takes over', ['data', 'samples', 'scan', 'forest', 'faster'], rows)
}

/**
 * Two scans to compare with: the package's own, and a loop written for 8 dimensions without
 * weights, the fastest there is in plain JavaScript.
 */
function printQueries() {
  const rows = []
  for (const [data, make] of Object.entries(DATA)) {
    for (const count of [1_000, 10_000, 100_000, 1_000_000]) {
      const { vectors, queries } = makeData(make, count)
      const scan = fill(new LinearScan(WEIGHTS), vectors)
      const loop = { search: (query) => scanEight(vectors, query, K) }
      const loaded = new KdForest(WEIGHTS)
      loaded.append(vectors)
      const grown = fill(new KdForest(WEIGHTS), vectors)
      const first = timeFirstQuery(vectors, queries)
      // The trees are split where queries go: these have gone where the timed ones will.
      timeQueries([loaded, grown], queries, 1)
      const few = queries.slice(0, count > 100_000 ? 40 : QUERIES)
      const [scanMs, loopMs, loadedMs, grownMs] = timeQueries([scan, loop, loaded, grown], few, 1)
      rows.push([
        data,
        count,
        ...[scanMs, loopMs, loadedMs, grownMs].map(microseconds),
        times(scanMs / grownMs),
        times(loopMs / grownMs),
        `${first.toFixed(1)} ms`,
      ])
    }
  }
  const header = [
    'data',
    'samples',
    'scan',
    '8-d loop',
    'loaded',
    'grown',
    'scan/grown',
    'loop/grown',
    'load + first',
  ]
  printTable(`A query for ${K} neighbours in 8 dimensions, median`, header, rows)
}

function printAdding() {
  const rows = []
  for (const [data, make] of Object.entries(DATA)) {
    const random = createRandom(1)
    const predictor = makePredictor()
    let done = 0
    for (const count of [1_000, 10_000, 100_000, 1_000_000]) {
      const samples = makeSamples(make(count - done, random), random)
      const start = performance.now()
      for (const sample of samples) predictor.add(sample)
      const ms = performance.now() - start
      rows.push([data, `${done} to ${count}`, microseconds(ms / (count - done))])
      done = count
    }
  }
  printTable('Adding one sample to a predictor', ['data', 'samples', 'each'], rows)
}

function printPredictions() {
  const rows = []
  for (const count of [1_000, 10_000, 100_000]) {
    const random = createRandom(3)
    const predictor = makePredictor()
    for (const sample of makeSamples(makeHistoryRows(count, random), random)) predictor.add(sample)
    const queries = makeSamples(makeHistoryRows(QUERIES, random), random)
    const predict = (round) =>
      predictor.predict(queries[round % QUERIES].features, { confidenceThreshold: 0 })
    timeInterleaved([predict], QUERIES)
    const [ms] = timeInterleaved([predict], 3 * QUERIES)
    rows.push([count, microseconds(ms)])
  }
  printTable('A prediction with confidence, data like histories', ['samples', 'median'], rows)
}

function makeData(make, count) {
  const random = createRandom(count)
  const all = make(count + QUERIES, random)
  const queries = Array.from({ length: QUERIES }, (_, i) => {
    const start = 8 * (count + i)
    return all.slice(start, start + 8)
  })
  return { vectors: all.slice(0, 8 * count), queries }
}

/** One by one, as a program learns. */
function fill(index, vectors) {
  for (let start = 0; start < vectors.length; start += 8) {
    index.append(vectors.subarray(start, start + 8))
  }
  return index
}

function timeQueries(indexes, queries, repeats) {
  const heap = new NeighborHeap(K)
  const searches = indexes.map((index) => (round) => {
    heap.clear()
    index.search(queries[round % queries.length], heap)
    heap.sort()
  })
  return timeInterleaved(searches, repeats * queries.length)
}

function timeFirstQuery(vectors, queries) {
  const start = performance.now()
  const forest = new KdForest(WEIGHTS)
  forest.append(vectors)
  forest.search(queries[0], new NeighborHeap(K))
  return performance.now() - start
}

/** The k smallest squared distances, kept sorted by insertion. */
function scanEight(vectors, query, k) {
  const best = new Float64Array(k).fill(Infinity)
  const [a, b, c, d, e, f, g, h] = query
  for (let i = 0; i < vectors.length; i += 8) {
    let difference = vectors[i] - a
    let sum = difference * difference
    difference = vectors[i + 1] - b
    sum += difference * difference
    difference = vectors[i + 2] - c
    sum += difference * difference
    difference = vectors[i + 3] - d
    sum += difference * difference
    if (sum >= best[k - 1]) continue
    difference = vectors[i + 4] - e
    sum += difference * difference
    difference = vectors[i + 5] - f
    sum += difference * difference
    difference = vectors[i + 6] - g
    sum += difference * difference
    difference = vectors[i + 7] - h
    sum += difference * difference
    if (sum >= best[k - 1]) continue
    let rank = k - 1
    for (; rank > 0 && best[rank - 1] > sum; rank--) best[rank] = best[rank - 1]
    best[rank] = sum
  }
  return best
}

/** What a sample weighs, of 8 features and 2 targets. Asks for `node --expose-gc`. */
import { setTimeout } from 'node:timers/promises'

import { createRandom, makeHistoryRows } from './histories.mjs'
import { printTable } from './report.mjs'
import { iterate, makePredictor } from './samples.mjs'

/** The first is for the code to be compiled, whose memory is no sample's. */
const COUNTS = [20_000, 10_000, 100_000, 1_000_000]
const COLLECTIONS = 4
const COLLECTION_MS = 100
/** Of the samples; so many queries split the trees nearly everywhere, which is when they weigh most. */
const QUERIED_SHARE = 0.1

const random = createRandom(2)
const vectors = makeHistoryRows(COUNTS.at(-1), random)
const queries = makeHistoryRows(QUERIED_SHARE * COUNTS.at(-1), random)

const rows = []
for (const count of COUNTS) rows.push(await measureSample(count, false))
rows.push(await measureSample(COUNTS.at(-1), true))
printTable('Bytes of a sample', ['samples', 'kind', 'loaded', 'after many queries'], rows.slice(1))
// Named once more, so that neither is collected between two measurements.
printTable('Data', ['vectors', 'queries'], [[vectors.length / 8, queries.length / 8]])

async function measureSample(count, hasExtras) {
  const before = await measureBytes()
  const predictor = makePredictor().addAll(makeExtras(count, hasExtras))
  const loaded = (await measureBytes()) - before
  for (let start = 0; start < 8 * QUERIED_SHARE * count; start += 8) {
    predictor.nearest(queries.subarray(start, start + 8))
  }
  const used = (await measureBytes()) - before
  const kind = hasExtras ? 'with weight and group' : 'plain'
  return [predictor.size, kind, (loaded / count).toFixed(1), (used / count).toFixed(1)]
}

function* makeExtras(count, hasExtras) {
  let id = 0
  for (const sample of iterate(vectors.subarray(0, 8 * count), random)) {
    yield hasExtras ? { ...sample, weight: 0.5, group: `function ${id++ % 300}` } : sample
  }
}

/** Bytes kept alive, on the heap and in typed arrays. */
async function measureBytes() {
  // What typed arrays held is freed by another thread, after the collection that found it.
  for (let pass = 0; pass < COLLECTIONS; pass++) {
    globalThis.gc()
    await setTimeout(COLLECTION_MS)
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

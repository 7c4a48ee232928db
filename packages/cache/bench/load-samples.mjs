/** One observation of `store.mjs`: loads the samples of a folder in a fresh process. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [, , how, directory] = process.argv

const heapBefore = usedHeap()
const startMs = performance.now()
const store = how !== 'files' ? await openTheStore() : undefined
const openMs = performance.now()
const samples = store ? (await store.loadSamples()).samples : readOneByOne()
const endMs = performance.now()
const heapBytes = usedHeap() - heapBefore
await store?.close()

process.stdout.write(
  JSON.stringify({
    count: samples.length,
    loadMs: endMs - openMs,
    totalMs: endMs - startMs,
    heapBytes,
  }),
)

async function openTheStore() {
  const { openStore } = await import('../dist/index.js')
  // Making a snapshot is timed nowhere, so the runs after the first only read.
  return openStore({ directory, sampleTtlMs: Infinity, readOnly: how === 'store' })
}

function readOneByOne() {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')))
}

function usedHeap() {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

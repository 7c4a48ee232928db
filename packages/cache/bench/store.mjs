/**
 * Prints what the store costs: `node bench/store.mjs [counts of samples]`. Loading is timed in
 * processes that are started for it, taking turns with processes that read the same files one by
 * one, so that only the ratio depends on how busy the machine is. Build the package first.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { openStore } from '../dist/index.js'

const LOADER = fileURLToPath(new URL('load-samples.mjs', import.meta.url))
const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10_000, 100_000]
const ROUNDS = 7
const LOOKUPS = 20_000
const WRITES = 200

const folder = mkdtempSync(join(tmpdir(), 'amorsize-bench-'))
try {
  line(`${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}`)
  line(`Medians of ${ROUNDS} fresh processes, taking turns.\n`)
  for (const count of counts) benchLoading(count)
  await benchDecisions()
  printLoad()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function benchLoading(count) {
  const directory = join(folder, String(count))
  writeSamples(directory, count)
  runLoader('compact', directory)

  const runs = { store: [], storeOfFiles: [], files: [] }
  const snapshot = join(directory, 'samples.snapshot')
  for (let round = 0; round < ROUNDS; round++) {
    runs.store.push(runLoader('store', directory))
    renameSync(snapshot, join(folder, 'aside'))
    runs.storeOfFiles.push(runLoader('store', directory))
    renameSync(join(folder, 'aside'), snapshot)
    runs.files.push(runLoader('files', directory))
  }
  const ofStore = medians(runs.store)
  const ofStoreOfFiles = medians(runs.storeOfFiles)
  const ofFiles = medians(runs.files)

  line(`${count.toLocaleString('en')} samples`)
  print('load, with the snapshot', ms(ofStore.loadMs))
  print('  with importing the package and opening the store', ms(ofStore.totalMs))
  print('load, without the snapshot', ratio(ofStoreOfFiles.loadMs, ofStore.loadMs))
  print('read and parse the files one by one, unchecked', ratio(ofFiles.loadMs, ofStore.loadMs))
  print('memory for the loaded samples', `${Math.round(ofStore.heapBytes / count)} bytes a sample`)
  line('')
}

async function benchDecisions() {
  const store = await openStore({ directory: join(folder, 'decisions') })
  const writes = []
  const calls = []
  for (let index = 0; index < WRITES; index++) {
    const start = performance.now()
    const written = store.putDecision(`key-${index}`, decision(index))
    calls.push(performance.now() - start)
    await written
    writes.push(performance.now() - start)
  }
  const lookups = []
  for (let index = 0; index < LOOKUPS; index++) {
    const key = `key-${index % WRITES}`
    const start = performance.now()
    await store.getDecision(key)
    lookups.push(performance.now() - start)
  }
  await store.close()

  line('Decisions')
  print('look up from memory, median', us(quantile(lookups, 0.5)))
  print('look up from memory, 99th percentile', us(quantile(lookups, 0.99)))
  print('put, on the caller’s path, median', us(quantile(calls, 0.5)))
  print('put, until it is durable, median', ms(quantile(writes, 0.5)))
}

function runLoader(how, directory) {
  return JSON.parse(execFileSync(process.execPath, ['--expose-gc', LOADER, how, directory]))
}

function medians(runs) {
  const names = Object.keys(runs[0])
  return Object.fromEntries(
    names.map((name) => [
      name,
      quantile(
        runs.map((run) => run[name]),
        0.5,
      ),
    ]),
  )
}

function quantile(values, part) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]
}

function writeSamples(directory, count) {
  mkdirSync(directory)
  const now = Date.now()
  for (let index = 0; index < count; index++) {
    const signature = ((index % 40) + 10).toString(16).padStart(16, 'c')
    const timestampMs = now - index * 1000
    const sample = {
      features: {
        data_size: 1000 + index,
        estimated_item_time: (1 + (index % 997)) / 100_000,
        physical_cores: 4,
        available_memory: 8_589_934_592,
        start_method: 'worker_threads',
        pickle_size: 512 + (index % 100),
        coefficient_of_variation: (index % 200) / 100,
        function_complexity: 450,
      },
      n_jobs: 1 + (index % 8),
      chunksize: 1 + (index % 500),
      speedup: 0.5 + (index % 71) / 20,
      timestamp: timestampMs / 1000,
      function_signature: signature,
      machine: '0123456789abcdef',
      executor: 'worker_threads',
    }
    const name = `ml_training_${signature}_${timestampMs}_${index.toString(16).padStart(12, '0')}`
    writeFileSync(join(directory, `${name}.json`), JSON.stringify(sample))
  }
}

function decision(index) {
  return {
    nJobs: 4,
    chunkSize: 1 + index,
    executor: 'worker_threads',
    estimatedSpeedup: 3.5,
    reason: 'four workers are fastest',
    warnings: [],
    features: {
      dataSize: 10_000,
      itemTimeMs: 1,
      physicalCores: 4,
      availableMemoryBytes: 8_589_934_592,
      startMethod: 'worker_threads',
    },
    createdAtMs: Date.now(),
    machine: '0123456789abcdef',
  }
}

/** Others on the machine make every figure larger; the ratios still mean something. */
function printLoad() {
  const [load = 0] = loadavg()
  const isBusy = load > availableParallelism()
  line(`\nLoad average ${load.toFixed(1)}${isBusy ? ': busy, times are inflated' : ''}`)
}

function print(what, value) {
  line(`  ${what.padEnd(56)}${value}`)
}

function line(text) {
  process.stdout.write(`${text}\n`)
}

function ratio(value, base) {
  return `${ms(value)}, ${(value / base).toFixed(1)} times as long`
}

function ms(value) {
  return `${value.toFixed(1)} ms`
}

function us(value) {
  return `${(value * 1000).toFixed(1)} us`
}

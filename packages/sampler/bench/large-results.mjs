/**
 * What results with large typed arrays cost that come from worker threads: handed over, next to the
 * same with an object within an object, for which they are cloned. Two workers, two chunks in flight
 * each. Every observation is a process of its own, because within one what a clone needs would come
 * out of memory that the other left.
 *
 *     node packages/sampler/bench/large-results.mjs
 */
import { spawnSync } from 'node:child_process'
import { Console } from 'node:console'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'

import { prepareTask, TaskPool } from '../dist/index.js'

const REPETITIONS = 9
const WORKERS = 2
const CHUNKS_IN_FLIGHT = 2 * WORKERS
const WARM_UP_CHUNKS = 8

/** Bytes of a result, results in a chunk, chunks. */
const MAPS = {
  '256 of 4 KB a chunk': [4e3, 256, 100],
  '40 of 32 KB a chunk': [3.2e4, 40, 100],
  '16 of 100 KB a chunk': [1e5, 16, 100],
  '1 of 1 MB a chunk': [1e6, 1, 128],
  '1 of 4 MB a chunk': [4e6, 1, 64],
}

const TASKS = {
  'handed over': (bytes) => ({ data: new Float64Array(bytes / 8).fill(1.5) }),
  cloned: (bytes) => ({ data: new Float64Array(bytes / 8).fill(1.5), nested: {} }),
}

const [map, way] = process.argv.slice(2)
if (map) await observe(MAPS[map], TASKS[way])
else report()

async function observe([bytes, size, count], run) {
  const { definition } = prepareTask(run, undefined)
  const items = Array.from({ length: size }, () => bytes)
  const pool = new TaskPool()
  await pool.warm(WORKERS)
  await runChunks(WARM_UP_CHUNKS)
  const threadBefore = threadCpuMs()
  const processBefore = process.cpuUsage()
  const startMs = performance.now()
  await runChunks(count)
  const { user, system } = process.cpuUsage(processBefore)
  const megabytes = (bytes * size * count) / 1e6
  const observation = {
    makespanMs: (performance.now() - startMs) / megabytes,
    callerMs: (threadCpuMs() - threadBefore) / megabytes,
    processMs: (user + system) / 1000 / megabytes,
  }
  await pool.close()
  process.stdout.write(JSON.stringify(observation))

  async function runChunks(left) {
    const lane = async () => {
      while (left-- > 0) await pool.runChunk(definition, items, { maxWorkers: WORKERS })
    }
    await Promise.all(Array.from({ length: CHUNKS_IN_FLIGHT }, lane))
  }
}

/** Time that this thread has had a core. Linux alone counts it for Node 20. */
function threadCpuMs() {
  return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6
}

function report() {
  const rows = {}
  for (const name of Object.keys(MAPS)) {
    const seen = Object.fromEntries(Object.keys(TASKS).map((key) => [key, []]))
    for (let repetition = 0; repetition < REPETITIONS; repetition++) {
      for (const key of Object.keys(TASKS)) seen[key].push(observeInProcess(name, key))
    }
    const middle = (key, field) => median(seen[key].map((observation) => observation[field]))
    const ratio = (field) =>
      median(seen['handed over'].map((moved, place) => moved[field] / seen.cloned[place][field]))
    rows[name] = {
      'caller, ms a MB': middle('handed over', 'callerMs').toFixed(2),
      'cloned, ms a MB': middle('cloned', 'callerMs').toFixed(2),
      'caller / cloned': ratio('callerMs').toFixed(2),
      'all CPU / cloned': ratio('processMs').toFixed(2),
      'makespan / cloned': ratio('makespanMs').toFixed(2),
    }
  }
  process.stdout.write(
    `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} usable, Node ${process.version}, load ${loadavg()[0].toFixed(2)}\n`,
  )
  new Console(process.stdout).table(rows)
}

function observeInProcess(...names) {
  const script = fileURLToPath(import.meta.url)
  const { stdout, stderr } = spawnSync(process.execPath, [script, ...names])
  if (stdout.length === 0) throw new Error(stderr.toString())
  return JSON.parse(stdout.toString())
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

/**
 * Round trips of chunks to one worker, by what is in them, in both runtimes. Numbers travel packed in
 * a buffer, and typed arrays as copies that are handed over; the same with one value among them that
 * prevents it show what that saves. Each item comes back as the result.
 *
 *     node packages/sampler/bench/round-trips.mjs
 */
import { Console } from 'node:console'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { setTimeout } from 'node:timers/promises'

import { prepareTask, TaskPool } from '../dist/index.js'

const REPETITIONS = 41
/** Both threads are asleep then, as between chunks of some milliseconds. */
const PAUSE_MS = 5
const COUNT = 10_000

const arrays = (count, bytes) =>
  Array.from({ length: count }, (_, id) => ({ id, data: new Float64Array(bytes / 8) }))
/** An object within an object is cloned, and everything in its chunk. */
const cloned = (items) => [...items, { nested: {} }]

const NUMBERS = Array.from({ length: COUNT }, (_, n) => n + 0.5)
const [megabyte, halves, small] = [arrays(1, 1e6), arrays(8, 5e5), arrays(100, 4e3)]

/** Those of a group alternate, so that what disturbs the machine disturbs all of them. */
const GROUPS = [
  { 'no item': [], 'one number': [1] },
  { 'one number, 5 ms after the last': [2] },
  { '10,000 numbers': NUMBERS, '10,000 numbers and a text': [...NUMBERS, ''] },
  {
    '10,000 small objects': Array.from({ length: COUNT }, (_, n) => ({ id: n, name: `n${n}`, n })),
  },
  { 'a typed array of 1 MB': megabyte, 'the same, cloned': cloned(megabyte) },
  { '8 objects with 500 KB': halves, 'the same 8, cloned': cloned(halves) },
  { '100 objects with 4 KB': small, 'the same 100, cloned': cloned(small) },
]

const echo = prepareTask((item) => item, undefined).definition
const pools = ['worker_threads', 'child_process'].map((runtime) => new TaskPool({ runtime }))
const rows = {}
for (const chunks of GROUPS) {
  const times = new Map()
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    for (const [name, items] of Object.entries(chunks)) {
      for (const pool of pools) {
        if (name.includes('after')) await setTimeout(PAUSE_MS)
        const startMs = performance.now()
        await pool.runChunk(echo, items, { maxWorkers: 1 })
        const key = name + pool.runtime
        times.set(key, [...(times.get(key) ?? []), performance.now() - startMs])
      }
    }
  }
  for (const name of Object.keys(chunks)) {
    rows[name] = {}
    for (const { runtime } of pools) {
      const sorted = times.get(name + runtime).toSorted((a, b) => a - b)
      rows[name][`${runtime}, median ms`] = sorted[sorted.length >> 1].toFixed(2)
    }
  }
}
await Promise.all(pools.map((pool) => pool.close()))

process.stdout.write(
  `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} usable, Node ${process.version}, load ${loadavg()[0].toFixed(2)}\n`,
)
new Console(process.stdout).table(rows)

/**
 * What each call costs, and how near the complexity is to what V8 makes of a function when it
 * compiles everything at once. Prints medians; run it on an otherwise idle machine.
 */
import { execFileSync } from 'node:child_process'
import os from 'node:os'
import { fileURLToPath } from 'node:url'

import { distance, toVector } from '@amorsize/features'
import {
  cpuSnapshot,
  describeFunction,
  detectSystem,
  foreignCpuShare,
} from '@amorsize/features/system'

const ROUNDS = 15
const ROUND_MS = 20
const COLD_PROCESSES = 7
const MICROSECONDS_PER_MS = 1000

const workload = {
  dataSize: 10_000,
  itemTimeMs: 1,
  physicalCores: 4,
  availableMemoryBytes: 8e9,
  startMethod: 'worker_threads',
}
const vector = toVector(workload)
const other = toVector({ ...workload, dataSize: 500 })
const small = (x) => x * 2
const medium = String(totalsByName)

const before = cpuSnapshot()
const rows = [
  ['toVector', medianUs(() => toVector(workload))],
  ['distance', medianUs(() => distance(vector, other))],
  ['detectSystem, first of a process', coldDetectUs()],
  ['detectSystem', medianUs(() => detectSystem())],
  ['detectSystem, maxAgeMs 1000', medianUs(() => detectSystem({ maxAgeMs: 1000 }))],
  ['cpuSnapshot', medianUs(() => cpuSnapshot())],
  ['describeFunction, one line', medianUs(() => describeFunction(small))],
  ['describeFunction, twenty lines', medianUs(() => describeFunction(medium))],
]
print('| call | median, us |\n| --- | ---: |')
for (const [name, us] of rows) print(`| ${name} | ${Number(us.toPrecision(2))} |`)
print('')
printAgreement()
const foreign = foreignCpuShare(before, cpuSnapshot()) ?? 0
print(
  `${os.cpus()[0]?.model.trim()}, ${os.cpus().length} processors, Node ${process.versions.node}, ` +
    `other processes took ${Math.round(foreign * 100)} % of the machine`,
)

/** An ordinary function of some twenty lines, with inner functions. */
function totalsByName(rowsOfCells) {
  const totals = new Map()
  const seen = new Set()
  const clean = (text) => {
    seen.add(text)
    return text.trim().toLowerCase().replaceAll(/\s+/g, ' ')
  }
  for (const row of rowsOfCells) {
    const key = clean(row.name)
    const sum = row.cells.reduce((total, cell) => {
      if (cell.kind === 'number') return total + cell.value
      if (cell.kind === 'text') return total + Number.parseFloat(cell.text)
      return total
    }, 0)
    totals.set(key, (totals.get(key) ?? 0) + sum)
  }
  return [...totals]
    .filter(([, total]) => Number.isFinite(total) && total > 0)
    .map(([name, total]) => ({ name, total, share: total / totals.size }))
    .toSorted((a, b) => b.total - a.total)
}

function medianUs(call) {
  const rounds = Array.from({ length: ROUNDS }, () => {
    let calls = 0
    const start = performance.now()
    while (performance.now() - start < ROUND_MS) {
      for (let i = 0; i < 10; i++) call()
      calls += 10
    }
    return ((performance.now() - start) / calls) * MICROSECONDS_PER_MS
  })
  return medianOf(rounds)
}

function coldDetectUs() {
  const script = `import('@amorsize/features/system').then(({ detectSystem }) => {
    const start = performance.now()
    detectSystem()
    process.stdout.write(String((performance.now() - start) * ${MICROSECONDS_PER_MS}))
  })`
  return medianOf(
    Array.from({ length: COLD_PROCESSES }, () =>
      Number(execFileSync(process.execPath, ['-e', script], { cwd: import.meta.dirname })),
    ),
  )
}

function printAgreement() {
  const fixture = fileURLToPath(new URL('../test/fixtures/eagerly-compiled.mjs', import.meta.url))
  const output = execFileSync(process.execPath, ['--no-lazy', fixture], { maxBuffer: 2 ** 26 })
  const compiled = JSON.parse(output)
  const start = performance.now()
  const ratios = compiled.map(({ source, bytes }) => describeFunction(source).complexity / bytes)
  const each = (performance.now() - start) / compiled.length
  ratios.sort((a, b) => a - b)
  const at = (share) => ratios[Math.floor(share * (ratios.length - 1))].toFixed(2)
  print(
    `complexity / eagerly compiled size over ${ratios.length} functions of Node: ` +
      `least ${at(0)}, median ${at(0.5)}, greatest ${at(1)}; ${each.toFixed(2)} ms each`,
  )
}

function medianOf(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

function print(line) {
  process.stdout.write(`${line}\n`)
}

/** Interleaved timing and plain tables: only ratios from one run mean anything on a shared machine. */
import { cpus } from 'node:os'

/** Median time in ms of each function; `run` gets the number of the round. The rounds alternate. */
export function timeInterleaved(functions, rounds) {
  const measured = functions.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [i, run] of functions.entries()) {
      const start = performance.now()
      run(round)
      measured[i].push(performance.now() - start)
    }
  }
  return measured.map((list) => list.toSorted((a, b) => a - b)[list.length >> 1])
}

export function printMachine() {
  print(
    `Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} x ${cpus()[0]?.model.trim()}`,
  )
}

export function printTable(title, header, rows) {
  const table = [header, ...rows].map((row) => row.map(String))
  const widths = header.map((_, column) => Math.max(...table.map((row) => row[column].length)))
  const lines = table.map((row) => row.map((cell, c) => cell.padStart(widths[c])).join('  '))
  print(`\n${title}\n${lines.join('\n')}`)
}

export function microseconds(ms) {
  return `${(1000 * ms).toFixed(1)} us`
}

export function times(ratio) {
  return `${ratio.toFixed(ratio < 10 ? 1 : 0)}x`
}

function print(text) {
  process.stdout.write(`${text}\n`)
}

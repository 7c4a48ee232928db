/**
 * How long it takes to measure the machine, in a process that has done nothing before.
 *
 *     node packages/sampler/bench/measure-machine.mjs [repetitions]
 */
import { spawnSync } from 'node:child_process'
import { Console } from 'node:console'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'

const [argument = '9', observedRuntime] = process.argv.slice(2)
if (argument === '--observe') await observe(observedRuntime)
else report(Number(argument))

async function observe(runtime) {
  const { measureMachine } = await import('../dist/index.js')
  const startMs = performance.now()
  const profile = await measureMachine({ runtime })
  const durationMs = performance.now() - startMs
  process.stdout.write(JSON.stringify({ ...profile, durationMs }))
}

function report(repetitions) {
  const load = loadavg()[0].toFixed(2)
  const rows = {}
  for (const runtime of ['worker_threads', 'child_process']) {
    const seen = Array.from({ length: repetitions }, () => {
      const script = fileURLToPath(import.meta.url)
      return JSON.parse(spawnSync(process.execPath, [script, '--observe', runtime]).stdout)
    })
    const sorted = (field) => seen.map((profile) => profile[field]).toSorted((a, b) => a - b)
    const median = (field) => sorted(field)[repetitions >> 1]
    rows[runtime] = {
      'median ms': median('durationMs').toFixed(0),
      'slowest ms': sorted('durationMs').at(-1).toFixed(0),
      startUpMs: median('startUpMs').toFixed(1),
      dispatchMs: median('dispatchMs').toFixed(3),
      usableParallelism: median('usableParallelism').toFixed(2),
      contention: median('contention').toFixed(2),
    }
  }
  process.stdout.write(
    `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} usable, Node ${process.version}, load ${load}\n`,
  )
  new Console(process.stdout).table(rows)
}

/** What importing `@amorsize/core` costs a process, beside importing tinypool: both by name. */
import { spawnSync } from 'node:child_process'

import { measureRatio } from '../harness/paired-ratio.ts'
import type { SuiteReport } from '../harness/report.ts'

const PAIRS = 15
const LARGEST_RATIO = 1.5

/** Each observation is a process of its own: a second import in the same one costs nothing. */
export async function benchImportCost(): Promise<SuiteReport> {
  const ratio = await measureRatio(
    () => importTimeMs('@amorsize/core'),
    () => importTimeMs('tinypool'),
    PAIRS,
  )
  const findings = [
    {
      what: 'importing @amorsize/core / importing tinypool',
      target: `<= ${LARGEST_RATIO}`,
      measured: `${ratio.value.toFixed(2)} [${ratio.low.toFixed(2)}, ${ratio.high.toFixed(2)}], ${ratio.subject.toFixed(1)} ms / ${ratio.baseline.toFixed(1)} ms`,
      isMet: ratio.value <= LARGEST_RATIO,
    },
  ]
  return { findings, details: ratio }
}

function importTimeMs(name: string): number {
  const script = `const start = performance.now()
    await import(${JSON.stringify(name)})
    process.stdout.write(String(performance.now() - start))`
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
  })
  if (status !== 0) throw new Error(`Importing ${name} failed.`)
  return Number(stdout.toString())
}

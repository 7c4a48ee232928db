/**
 * The demo: the main job of Amorsize on real input. The plain loop, then `execute()` deciding for
 * itself, then `execute()` once more with what it remembers, all in one run on the same files.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

import { detectSystem, execute, moduleTask, openStore } from '@amorsize/core'
import { fileURLToPath } from 'node:url'

import { analyse } from './analyse.ts'
import type { Analysis } from './analyse.ts'
import { showProgress } from './progress-bar.ts'
import { findSourceFiles } from './source-files.ts'

const installed = fileURLToPath(new URL('../../../node_modules/.pnpm', import.meta.url))
const { paths, totalBytes, largestBytes } = findSourceFiles(installed)
const { usableCores, cpuModel } = detectSystem()

console.log(`Amorsize demo
  Input    ${count(paths.length)} source files of the installed packages, ${megabytes(totalBytes)} in all, the largest ${megabytes(largestBytes)}
  Work     tokenise each, count its words, measure its entropy
  Machine  ${usableCores} usable cores (${cpuModel}), Node ${process.versions.node}
`)

console.log('1. The plain loop: for (const path of paths) results.push(analyse(path))')
const loop = time(() => {
  const results: Analysis[] = []
  for (const path of paths) results.push(analyse(path))
  return results
})
console.log(`   ${seconds(loop.durationMs)}\n`)

const task = moduleTask<string, Analysis>(new URL('analyse.js', import.meta.url), 'analyse')
const directory = mkdtempSync(join(tmpdir(), 'amorsize-demo-'))
const store = await openStore({ directory })

console.log('2. await execute(task, paths), which has never seen this task')
const first = await run()
console.log('3. await execute(task, paths) again')
const second = await run()

await store.close()
rmSync(directory, { recursive: true })

const isSame = [first, second].every((results) => isDeepStrictEqual(results, loop.results))
const words = Math.max(...loop.results.map(({ vocabulary }) => vocabulary))
const tokens = loop.results.reduce((sum, analysis) => sum + analysis.tokens, 0)
console.log(
  `All three gave ${isSame ? 'the same' : 'DIFFERENT'} results: ${count(tokens)} tokens, up to ${count(words)} different words in one file.`,
)
process.exitCode = isSame ? 0 : 1

/** Runs `execute()` with a progress bar, says what was decided, and compares with the plain loop. */
async function run(): Promise<Analysis[]> {
  const bar = showProgress(paths.length)
  const { results, optimization, execution } = await execute(task, paths, {
    store,
    onProgress: bar.update,
    returnOptimizationResult: true,
  })
  bar.stop()
  const ratio = loop.durationMs / execution.totalTimeMs
  console.log(optimization.explain().replaceAll(/^/gm, '   '))
  console.log(
    `   ${seconds(execution.totalTimeMs)} in all, deciding included: ${ratio.toFixed(2)} times as fast as the plain loop\n`,
  )
  return results
}

function time(work: () => Analysis[]): { results: Analysis[]; durationMs: number } {
  const startMs = performance.now()
  const results = work()
  return { results, durationMs: performance.now() - startMs }
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(2)} s`
}

import { spawnSync } from 'node:child_process'

import { expect, it } from 'vitest'

import { workerFlags } from '../src/worker-flags.ts'

it('a worker gets the flags of its caller, but none about the script', () => {
  const flags = ['--import', 'tsx', '--input-type=module', '--watch', '--test-only', '-e', 'run()']
  const ofV8 = '--max-old-space-size=64'

  expect(workerFlags([...flags, ofV8], 'child_process')).toEqual(['--import', 'tsx', ofV8])
  expect(workerFlags([...flags, ofV8], 'worker_threads')).toEqual(['--import', 'tsx'])
  expect(workerFlags(['--import', 'tsx', ofV8], 'worker_threads')).toBeUndefined()
})

const SAMPLER = new URL('../dist/index.js', import.meta.url).href

/** Runs a chunk in a process with such flags, and gives what its worker saw. */
function runWith(flags: readonly string[], runtime: string): unknown {
  const script = `
    import { TaskPool, prepareTask } from ${JSON.stringify(SAMPLER)}
    const pool = new TaskPool({ runtime: '${runtime}' })
    const { definition } = prepareTask(() => ({ gc: typeof gc, flags: process.execArgv }), undefined)
    const { values } = await pool.runChunk(definition, [0], { maxWorkers: 1 })
    console.log(JSON.stringify(values[0]))`
  const argv = [...flags, '--input-type=module', '--eval', script]
  const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

it.each(['worker_threads', 'child_process'])(
  'workers of %s start under flags of V8 and of the debugger, and share what holds for them',
  (runtime) => {
    const flags = ['--expose-gc', '--max-old-space-size=512', '--no-warnings', '-C', 'development']
    expect(runWith(flags, runtime)).toMatchObject({
      gc: 'function',
      flags: expect.arrayContaining(['--no-warnings', '-C', 'development']),
    })
  },
)

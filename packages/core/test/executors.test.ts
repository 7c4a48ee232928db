import { EXECUTORS } from '../src/executors/index.ts'
import { runExecutorSuite } from './executor.conformance.ts'

runExecutorSuite({ name: 'serial', executor: EXECUTORS.serial })
runExecutorSuite({ name: 'async', executor: EXECUTORS.async })
runExecutorSuite({ name: 'worker_threads', executor: EXECUTORS.worker_threads })
runExecutorSuite({
  name: 'child_process',
  executor: EXECUTORS.child_process,
  runtime: 'child_process',
})

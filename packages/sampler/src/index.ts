/**
 * Tasks, the pool they run on, and the dry run that tells what a map will cost.
 *
 * @packageDocumentation
 */
export { abortable } from './abortable.ts'
export type { ChunkResult } from './chunk-result.ts'
export { systemClock } from './clock.ts'
export type { Clock } from './clock.ts'
export { assertData, assertWhole, toItems } from './data.ts'
export type { Data } from './data.ts'
export { dryRun, sampleItems } from './dry-run.ts'
export type { BegunMap, DryRunOptions } from './dry-run.ts'
export {
  FreeVariableError,
  ChangedDataError,
  InvalidDataError,
  InvalidOptionError,
  InvalidTaskError,
  ItemError,
  ItemTimeoutError,
  PoolClosedError,
  TaskLoadError,
  WorkerExitError,
} from './errors.ts'
export { readMachineProfile } from './machine-profile.ts'
export type {
  CloneCosts,
  MachineProfile,
  ProfileStore,
  ReadProfileOptions,
} from './machine-profile.ts'
export { measureMachine } from './measure-machine.ts'
export type { MeasureMachineOptions } from './measure-machine.ts'
export { measureCloneCosts } from './clone-cost.ts'
export type { ItemCloneCosts } from './clone-cost.ts'
export { PartialResults } from './partial-results.ts'
export { CHUNKS_IN_FLIGHT_PER_WORKER } from './pool-options.ts'
export type { RunChunkOptions, TaskPoolOptions } from './pool-options.ts'
export type { ChunkProgress } from './errors.ts'
export type { ResourceLimits, Runtime } from './pool-worker.ts'
export type { TaskDefinition } from './protocol.ts'
export { runItem, runItems } from './run-item.ts'
export { iteratorOf } from './source-iterator.ts'
export type { Dependence } from './sample.ts'
export type { SamplingResult, WorkerCosts } from './sampling-result.ts'
export { prepareTask } from './prepared-task.ts'
export type { PreparedTask } from './prepared-task.ts'
export { moduleTask } from './task.ts'
export type {
  ContextOf,
  FunctionExport,
  ItemOf,
  ModuleTask,
  ResultOf,
  Task,
  TaskFunction,
} from './task.ts'
export { TaskPool } from './task-pool.ts'
export { watchWaiting } from './wait-share.ts'
export { isThenable } from './thenable.ts'
export type { WorkerEvent } from './worker-events.ts'

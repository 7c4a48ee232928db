/**
 * What the machine and the function of a workload are: the half of `@amorsize/features` that needs
 * Node.
 *
 * @packageDocumentation
 */
export { cpuSnapshot, foreignCpuShare, takenCoreShare } from './cpu-load.ts'
export type { CpuSnapshot } from './cpu-load.ts'
export { describeFunction } from './describe-function.ts'
export type { Callable, FunctionDescription } from './describe-function.ts'
export { detectSystem } from './detect-system.ts'
export type { DetectSystemOptions } from './detect-system.ts'
export { localHost } from './host.ts'
export type { Host, HostCpu, Runtime } from './host.ts'
export { throttledMs } from './throttling.ts'
export type { SystemProfile } from './system-profile.ts'

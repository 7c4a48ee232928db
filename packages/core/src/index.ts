/**
 * Decides how to run a map in parallel, runs it, and learns from every run. Also the umbrella: what
 * the four packages below it offer to users is here by name.
 *
 * @packageDocumentation
 */
export { close } from './defaults.ts'
export type { SourceName } from './decide/source.ts'
export { UnknownOptionError } from './errors.ts'
export { execute } from './execute.ts'
export { optimize } from './optimize.ts'
export type { ExecuteOptions, OptimizeOptions } from './options.ts'
export type { Progress } from './progress.ts'
export type { ExecutionReport, ExecutionResult, OptimizationResult } from './result.ts'

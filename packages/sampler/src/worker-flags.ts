/** Which of the caller's `node` flags a worker is started with. */
import type { Runtime } from './pool-worker.ts'

/**
 * Flags about the caller's own script, with which a worker would not start or would run it again,
 * and those of its debugger, whose port is taken.
 */
const SCRIPT_FLAGS =
  /^--(input-type|eval|print|test|watch|inspect)(=|$)|^--(watch|test|inspect)-|^-[ep]+$/

/** Flags that are followed by the script's source. */
const SOURCE_FLAGS = new Set(['-e', '-p', '-pe', '--eval', '--print'])

/**
 * Flags that a thread takes by itself. Those of V8 hold for the whole process, and a thread that is
 * given one, such as `--expose-gc`, does not start.
 */
const THREAD_FLAGS =
  /^(--(import|require|loader|experimental-[\w-]+|conditions|enable-source-maps|preserve-symlinks|no-[\w-]+|disable-warning)|-r|-C)(=|$)/

/**
 * The flags that hold for a worker too, such as `--import` of a loader.
 *
 * @returns `undefined` where a thread can inherit all of them.
 */
export function workerFlags(execArgv: readonly string[], runtime: Runtime): string[] | undefined {
  const flags = withoutScript(execArgv)
  if (runtime === 'child_process') return flags.flat()
  if (flags.flat().length === execArgv.length) return undefined
  return flags.filter(([name = '']) => THREAD_FLAGS.test(name)).flat()
}

/** Each flag with its value, where that is an argument of its own. */
function withoutScript(execArgv: readonly string[]): string[][] {
  const flags: string[][] = []
  for (let i = 0; i < execArgv.length; i++) {
    // `i` is below the length.
    const flag = execArgv[i]!
    if (SOURCE_FLAGS.has(flag)) i++
    else if (SCRIPT_FLAGS.test(flag)) continue
    else if (flag.startsWith('-')) flags.push([flag])
    else flags.at(-1)?.push(flag)
  }
  return flags
}

/** Which of the caller's `node` flags a worker is started with. */

/** Flags about the caller's own script, with which a worker would not start or would run it again. */
const SCRIPT_FLAGS = /^--(input-type|eval|print|test|watch)(=|$)|^--(watch|test)-/

/** Flags that are followed by the script's source. */
const SOURCE_FLAGS = new Set(['-e', '-p', '-pe', '--eval', '--print'])

/** The flags that hold for a worker too, such as `--import` of a loader. */
export function workerFlags(execArgv: readonly string[]): string[] {
  const flags: string[] = []
  for (let i = 0; i < execArgv.length; i++) {
    // `i` is below the length.
    const flag = execArgv[i]!
    if (SOURCE_FLAGS.has(flag)) i++
    else if (!SCRIPT_FLAGS.test(flag)) flags.push(flag)
  }
  return flags
}

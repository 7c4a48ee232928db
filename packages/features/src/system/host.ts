/** The machine as this package reads it: a seam, so that any machine can be read from recordings. */

const { readFileSync } = process.getBuiltinModule('node:fs')
const os = () => process.getBuiltinModule('node:os')

/** A command that has not answered by then is taken as absent. */
const COMMAND_TIMEOUT_MS = 5_000

/**
 * Where the systems keep their commands. By bare name another program could be found in their
 * place, first of all on Windows, which looks into the working directory.
 */
const COMMAND_PATHS: ReadonlyMap<string, string> = new Map([
  ['lscpu', '/usr/bin/lscpu'],
  ['sysctl', '/usr/sbin/sysctl'],
  ['vm_stat', '/usr/bin/vm_stat'],
  ['wmic', `${process.env['SystemRoot']}\\System32\\wbem\\wmic.exe`],
  ['powershell', `${process.env['SystemRoot']}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`],
])

/**
 * Where the facts about a machine come from. The functions are called without the object they are
 * in. The real one, {@link localHost}, is the default everywhere.
 * @public
 */
export interface Host {
  /** As `process.platform`. */
  readonly platform: string
  /** As `process.arch`. */
  readonly arch: string
  /** What executes the program. */
  readonly runtime: Runtime
  /** The whole text of a file; `undefined` if it cannot be read. */
  readonly readFile: (path: string) => string | undefined
  /** What a command prints; `undefined` if it cannot be run or fails. */
  readonly run: (command: string, args: readonly string[]) => string | undefined
  /** The logical processors, as `os.cpus()`. */
  readonly cpus: () => readonly HostCpu[]
  /** As `os.availableParallelism()`. */
  readonly availableParallelism: () => number
  /** Memory of the machine, bytes. */
  readonly totalMemoryBytes: () => number
  /** Memory the runtime takes for free, bytes. */
  readonly freeMemoryBytes: () => number
  /** Runnable processes, averaged over the last minute; 0 where the system keeps none. */
  readonly loadAverage: () => number
  /** A clock that only goes forward, milliseconds. */
  readonly nowMs: () => number
  /** CPU time this process has used since its start, milliseconds, all of its threads together. */
  readonly ownCpuMs: () => number
}

/** A logical processor as the runtime reports it. @public */
export interface HostCpu {
  /** Model name; some systems give `unknown` or an empty text. */
  readonly model: string
  /** Time since boot spent in each state, milliseconds. */
  readonly times: {
    readonly user: number
    readonly nice: number
    readonly sys: number
    readonly idle: number
    readonly irq: number
  }
}

/** What executes the program. @public */
export interface Runtime {
  /** `node`, `bun` or `deno`. */
  readonly name: string
  /** Its version, without a leading `v`. */
  readonly version: string
}

/** The machine this process runs on. @public */
export const localHost: Host = {
  platform: process.platform,
  arch: process.arch,
  runtime: localRuntime(),
  readFile(path) {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return undefined
    }
  },
  run(command, args) {
    try {
      const { execFileSync } = process.getBuiltinModule('node:child_process')
      return execFileSync(COMMAND_PATHS.get(command) ?? command, args, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: COMMAND_TIMEOUT_MS,
        windowsHide: true,
      })
    } catch {
      return undefined
    }
  },
  cpus: () => os().cpus(),
  availableParallelism: () => os().availableParallelism(),
  totalMemoryBytes: () => os().totalmem(),
  freeMemoryBytes: () => os().freemem(),
  loadAverage: () => os().loadavg()[0] ?? 0,
  nowMs: () => performance.now(),
  ownCpuMs() {
    const { user, system } = process.cpuUsage()
    const MICROSECONDS_PER_MS = 1_000
    return (user + system) / MICROSECONDS_PER_MS
  },
}

function localRuntime(): Runtime {
  const { bun, deno, node } = process.versions
  if (bun !== undefined) return { name: 'bun', version: bun }
  if (deno !== undefined) return { name: 'deno', version: deno }
  return { name: 'node', version: node }
}

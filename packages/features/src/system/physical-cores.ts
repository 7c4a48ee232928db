/**
 * How many cores a machine has, simultaneous threads of one core counted once. Each source is a
 * pure function of the text that a system gives; `undefined` means that the text does not say.
 */
import { parseCpuList } from './cpu-list.ts'

/**
 * From the kernel's topology: every processor names the processors that share its core.
 *
 * @param online - The online processors.
 * @param siblingsOf - The list of processors that share a core with the given one, as text.
 */
export function coresFromSiblings(
  online: ReadonlySet<number>,
  siblingsOf: (cpu: number) => string | undefined,
): number | undefined {
  const counted = new Set<number>()
  let cores = 0
  for (const cpu of online) {
    if (counted.has(cpu)) continue
    const siblings = parseCpuList(siblingsOf(cpu) ?? '')
    if (siblings === undefined || !siblings.has(cpu)) return undefined
    for (const sibling of siblings) counted.add(sibling)
    cores++
  }
  return cores > 0 ? cores : undefined
}

/** From `/proc/cpuinfo`: distinct pairs of socket and core. Arm kernels name neither. */
export function coresFromCpuinfo(text: string): number | undefined {
  const cores = new Set<string>()
  for (const block of text.split(/\n\s*\n/)) {
    const socket = /^physical id\s*:\s*(\d+)\s*$/m.exec(block)?.[1]
    const core = /^core id\s*:\s*(\d+)\s*$/m.exec(block)?.[1]
    const isProcessor = /^processor\s*:\s*\d+\s*$/m.test(block)
    if (!isProcessor) continue
    if (core === undefined) return undefined
    cores.add(`${socket ?? '0'}:${core}`)
  }
  return cores.size > 0 ? cores.size : undefined
}

/** From `lscpu -p=CPU,CORE,SOCKET`: lines of comma-separated numbers below a commented head. */
export function coresFromLscpu(text: string): number | undefined {
  const cores = new Set<string>()
  for (const line of text.split('\n')) {
    if (line.startsWith('#') || line.trim() === '') continue
    const match = /^\d+,(\d+),(\d*)\s*$/.exec(line)
    if (match === null) return undefined
    cores.add(`${match[2]}:${match[1]}`)
  }
  return cores.size > 0 ? cores.size : undefined
}

/** From `sysctl -n hw.physicalcpu` of macOS: one number. */
export function coresFromSysctl(text: string): number | undefined {
  const cores = /^\s*(\d+)\s*$/.exec(text)?.[1]
  return cores === undefined || Number(cores) === 0 ? undefined : Number(cores)
}

/**
 * From Windows: `NumberOfCores=8` (`wmic … /value`) or `NumberOfCores : 8` (`Format-List`), one for
 * each socket.
 */
export function coresFromWindows(text: string): number | undefined {
  const sockets = [...text.matchAll(/^\s*NumberOfCores\s*[=:]\s*(\d+)\s*$/gm)]
  const cores = sockets.reduce((sum, match) => sum + Number(match[1]), 0)
  return cores > 0 ? cores : undefined
}

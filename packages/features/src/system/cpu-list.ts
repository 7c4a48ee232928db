/** The kernel's notation for sets of processors, `0-3,8,10-11`. */

/** More processors than any machine has: a range beyond it is not a list of processors. */
const MOST_CPUS = 65_536

/**
 * Reads a list of processors.
 *
 * @param text - As in `/sys/devices/system/cpu/online`; surrounding blanks are allowed.
 * @returns The processor numbers; `undefined` if the text is not such a list or names none.
 */
export function parseCpuList(text: string): ReadonlySet<number> | undefined {
  const cpus = new Set<number>()
  for (const part of text.trim().split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part)
    if (match === null) return undefined
    const first = Number(match[1])
    const last = Number(match[2] ?? first)
    if (last < first || last >= MOST_CPUS) return undefined
    for (let cpu = first; cpu <= last; cpu++) cpus.add(cpu)
  }
  return cpus
}

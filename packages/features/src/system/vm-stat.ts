/** What macOS could give a process: its own count of free pages leaves out those it would drop. */

/** Purgeable pages are among the active and inactive ones already. */
const AVAILABLE = ['Pages free', 'Pages inactive', 'Pages speculative']

/** From `vm_stat`: bytes that are free or that the system would drop; `undefined` if not told. */
export function availableFromVmStat(text: string): number | undefined {
  const pageBytes = /page size of (\d+) bytes/.exec(text)?.[1]
  if (pageBytes === undefined || !text.includes('Pages free:')) return undefined
  const counts = AVAILABLE.map((name) => new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1])
  return counts.reduce((sum, count) => sum + Number(count ?? 0), 0) * Number(pageBytes)
}

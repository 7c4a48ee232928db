/** What macOS could give a process: its own count of free pages leaves out those it would drop. */

const RECLAIMABLE = ['Pages free', 'Pages inactive', 'Pages speculative', 'Pages purgeable']

/** From `vm_stat`: bytes that are free or that the system would drop; `undefined` if not told. */
export function availableFromVmStat(text: string): number | undefined {
  const pageBytes = /page size of (\d+) bytes/.exec(text)?.[1]
  if (pageBytes === undefined || !text.includes('Pages free:')) return undefined
  const pages = RECLAIMABLE.map((name) => new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1])
  return pages.reduce((sum, count) => sum + Number(count ?? 0), 0) * Number(pageBytes)
}

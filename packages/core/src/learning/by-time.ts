/** Lists that are kept in the order of time, whatever the order in which things become known. */

/** What happened at a time. */
interface Timed {
  /** Milliseconds since 1970. */
  readonly timestampMs: number
}

/** The list with one more, behind what is as old as it. */
export function insertByTime<T extends Timed>(list: readonly T[], added: T): T[] {
  const before = list.findLastIndex(({ timestampMs }) => timestampMs <= added.timestampMs)
  return list.toSpliced(before + 1, 0, added)
}

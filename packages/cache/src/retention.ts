/** What leaves the folder: what has expired, and what is beyond the limit. */
import { chooseRedundant } from './diversity.ts'
import { isExpired } from './expiry.ts'
import {
  isDecisionFile,
  isDocumentFile,
  isSampleFile,
  isTemporaryFile,
  SNAPSHOT_FILE,
} from './file-name.ts'
import type { Folder } from './folder.ts'
import type { NamedSample } from './folder-samples.ts'
import type { PruneReport } from './store.ts'
import type { StoreParts } from './store-parts.ts'
import { inTurns } from './turns.ts'

/** A temporary file that is older than this belongs to a process that died. */
const ABANDONED_AFTER_MS = 3_600_000

/** Removes what has expired, what is beyond `maxEntries`, and what a crash left. */
export async function pruneFolder(store: StoreParts): Promise<PruneReport> {
  await removeAbandoned(store, await store.folder.list())
  const expiredDecisions = await removeExpiredDecisions(store)
  const evictedDecisions = await evictDecisions(store)
  const { expired, pruned } = await pruneSamples(store)
  return { expired: expiredDecisions + expired, evictedDecisions, prunedSamples: pruned }
}

/** Removes every record, and counts the decisions and samples among them. */
export async function clearFolder(
  folder: Folder,
  removed: { decisions: number; samples: number },
): Promise<void> {
  for await (const name of inTurns(await folder.list())) {
    const isDecision = isDecisionFile(name)
    const isSample = isSampleFile(name)
    const isOther = isDocumentFile(name) || name === SNAPSHOT_FILE || isTemporaryFile(name)
    if (!isDecision && !isSample && !isOther) continue
    if (!(await folder.remove(name))) continue
    if (isDecision) removed.decisions++
    if (isSample) removed.samples++
  }
}

/** Removes the least recently used decisions beyond `maxEntries`, without reading any. */
export async function evictDecisions({
  folder,
  decisions,
  retention,
}: StoreParts): Promise<number> {
  const names = (await folder.list()).filter(isDecisionFile)
  if (names.length <= retention.maxEntries) return 0

  const lastUses = decisions.lastUses()
  const uses: { name: string; usedAtMs: number }[] = []
  for await (const name of inTurns(names)) {
    const stamp = folder.stamp(name)
    if (stamp === undefined) continue
    uses.push({ name, usedAtMs: Math.max(stamp.modifiedMs, lastUses.get(name) ?? 0) })
  }
  // Another eviction may have removed some since they were listed.
  const surplus = Math.max(0, uses.length - retention.maxEntries)
  const leastRecent = uses.toSorted((a, b) => a.usedAtMs - b.usedAtMs).slice(0, surplus)
  return removeAll(
    folder,
    leastRecent.map(({ name }) => name),
  )
}

/** Removes expired samples and, beyond `maxEntries`, the most redundant. */
export async function pruneSamples({
  folder,
  samples,
  clock,
  retention,
}: StoreParts): Promise<{ readonly expired: number; readonly pruned: number }> {
  const { found } = await samples.readHistory()
  const all = (await found.toArray()).map((sample, place) => ({
    sample,
    name: found.nameAt(place),
  }))
  const now = clock.now()
  const isOld = ({ sample }: NamedSample): boolean =>
    isExpired(sample.timestampMs, now, retention.sampleTtlMs)
  const live = all.filter((each) => !isOld(each))
  const redundant = chooseRedundant(live, ({ sample }) => sample, retention.maxEntries)
  return {
    expired: await removeSamples(folder, all.filter(isOld)),
    pruned: await removeSamples(folder, redundant),
  }
}

function removeSamples(folder: Folder, samples: readonly NamedSample[]): Promise<number> {
  return removeAll(
    folder,
    samples.map(({ name }) => name),
  )
}

async function removeExpiredDecisions(store: StoreParts): Promise<number> {
  const { folder, decisions, clock, retention } = store
  const now = clock.now()
  let removed = 0
  for await (const name of inTurns((await folder.list()).filter(isDecisionFile))) {
    const read = decisions.read(name)
    if (!read.ok || !isExpired(read.entry.createdAtMs, now, retention.ttlMs)) continue
    // At once, while it is still the one that was read and not one that renewed it.
    if (await folder.remove(name)) removed++
  }
  return removed
}

/**
 * Removes the temporary files among `names` that a process left which died.
 *
 * @returns Once that is done as far as the file system lets it.
 */
export async function removeAbandoned(
  { folder, clock }: Pick<StoreParts, 'folder' | 'clock'>,
  names: readonly string[],
): Promise<void> {
  const now = clock.now()
  for await (const name of inTurns(names.filter(isTemporaryFile))) {
    try {
      const stamp = folder.stamp(name)
      if (stamp === undefined || now - stamp.modifiedMs <= ABANDONED_AFTER_MS) continue
      await folder.remove(name)
    } catch {
      // It takes some space and does no harm, and the next one to look tries again.
    }
  }
}

/** How many of the files were there to remove. */
async function removeAll(folder: Folder, names: readonly string[]): Promise<number> {
  let removed = 0
  for (const name of names) if (await folder.remove(name)) removed++
  return removed
}

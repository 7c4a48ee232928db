/** Counts what a store holds. */
import { ageOf } from './expiry.ts'
import { isDecisionFile } from './file-name.ts'
import type { KindStats, StoreStats } from './store.ts'
import type { StoreParts } from './store-parts.ts'
import { inTurns } from './turns.ts'

/** What can be told from the folder and from what only memory has. */
export async function measureFolder({
  folder,
  decisions,
  samples,
  clock,
  retention,
}: StoreParts): Promise<
  Pick<StoreStats, 'decisions' | 'samples' | 'bytes' | 'expired' | 'damaged'>
> {
  const now = clock.now()
  const ofDecisions = new KindTally(now, retention.ttlMs)
  const ofSamples = new KindTally(now, retention.sampleTtlMs)
  const { found, unsaved, skipped } = await samples.readHistory()
  let damaged = skipped.length
  let bytes = 0

  const sizes = new Map<string, number>()
  for await (const name of inTurns(await folder.listOrNone())) {
    const size = folder.stamp(name)?.bytes ?? 0
    sizes.set(name, size)
    bytes += size
    if (!isDecisionFile(name)) continue
    const read = decisions.read(name)
    if (read.ok) ofDecisions.add(read.entry.createdAtMs, size)
    else if (read.miss === 'damaged') damaged++
  }
  for (const { entry } of decisions.unsaved()) ofDecisions.add(entry.createdAtMs, 0)
  for (let place = 0; place < found.length; place++)
    ofSamples.add(found.timestampAt(place), sizes.get(found.nameAt(place)) ?? 0)
  for (const { sample } of unsaved) ofSamples.add(sample.timestampMs, 0)

  return {
    decisions: ofDecisions.toStats(),
    samples: ofSamples.toStats(),
    bytes,
    expired: ofDecisions.expired + ofSamples.expired,
    damaged,
  }
}

/** Sums up entries one by one. */
export class KindTally {
  readonly #nowMs: number
  readonly #ttlMs: number
  #count = 0
  #bytes = 0
  #oldestAgeMs: number | undefined
  #newestAgeMs: number | undefined
  /** Entries beyond their time to live. */
  expired = 0

  constructor(nowMs: number, ttlMs: number) {
    this.#nowMs = nowMs
    this.#ttlMs = ttlMs
  }

  add(timestampMs: number, bytes: number): void {
    const ageMs = ageOf(timestampMs, this.#nowMs)
    this.#count++
    this.#bytes += bytes
    if (ageMs > this.#ttlMs) this.expired++
    this.#oldestAgeMs = Math.max(ageMs, this.#oldestAgeMs ?? ageMs)
    this.#newestAgeMs = Math.min(ageMs, this.#newestAgeMs ?? ageMs)
  }

  toStats(): KindStats {
    return {
      count: this.#count,
      bytes: this.#bytes,
      oldestAgeMs: this.#oldestAgeMs,
      newestAgeMs: this.#newestAgeMs,
    }
  }
}

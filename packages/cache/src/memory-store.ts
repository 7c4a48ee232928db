/** A store that keeps everything in this process's memory and forgets it at its end. */
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { chooseRedundant } from './diversity.ts'
import { documentOf, documentText } from './documents.ts'
import { StoreClosedError } from './errors.ts'
import { isExpired } from './expiry.ts'
import { assertKey } from './file-name.ts'
import { deepFreeze } from './freeze.ts'
import { writeDecision, writeSample } from './record-reader.ts'
import type { DecisionEntry, TrainingSample } from './records.ts'
import { KindTally } from './stats.ts'
import type {
  ClearReport,
  DecisionLookup,
  ImportOptions,
  ImportReport,
  LoadedSamples,
  PruneReport,
  SampleCursor,
  SampleUpdate,
  Store,
  StoreStats,
  TransferCount,
  VerifyReport,
  WriteReceipt,
} from './store.ts'
import type { Retention } from './store-options.ts'
import { importInto, writeExport } from './transfer.ts'

const RECEIPT: WriteReceipt = { durable: false, reason: 'the store is in memory' }

/** Samples overshoot `maxEntries` by this factor before they are thinned, which takes a while. */
const SLACK = 1.25

/** Maps in place of files. */
export class MemoryStore implements Store {
  readonly #retention: Retention
  readonly #clock: Clock
  /** In the order of use, the least recent first. */
  readonly #decisions = new Map<string, DecisionEntry>()
  #samples: TrainingSample[] = []
  /** Counts the times that samples were removed. */
  #removals = 0
  readonly #cursors = new WeakMap<SampleCursor, { removals: number; count: number }>()
  /** Texts by key. */
  readonly #documents = new Map<string, string>()
  #hits = 0
  #misses = 0
  #isClosed = false

  constructor(retention: Retention, clock: Clock = systemClock) {
    this.#retention = retention
    this.#clock = clock
  }

  async getDecision(key: string): Promise<DecisionLookup> {
    this.#assertOpen('getDecision')
    assertKey(key)
    const lookup = this.#lookUp(key)
    if (lookup.hit) this.#hits++
    else this.#misses++
    return lookup
  }

  async putDecision(key: string, entry: DecisionEntry): Promise<WriteReceipt> {
    this.#assertOpen('putDecision')
    assertKey(key)
    this.#use(key, deepFreeze(writeDecision(key, entry).value))
    this.#evict()
    return RECEIPT
  }

  async addSample(sample: TrainingSample): Promise<WriteReceipt> {
    this.#assertOpen('addSample')
    this.#samples.push(deepFreeze(writeSample(sample).value))
    if (this.#samples.length > this.#retention.maxEntries * SLACK) this.#pruneSamples()
    return RECEIPT
  }

  async loadSamples(): Promise<LoadedSamples> {
    this.#assertOpen('loadSamples')
    this.#pruneSamples()
    return { samples: this.#liveSamples(), skipped: [] }
  }

  async loadNewSamples(since?: SampleCursor): Promise<SampleUpdate> {
    this.#assertOpen('loadNewSamples')
    this.#pruneSamples()
    const seen = since && this.#cursors.get(since)
    const replacesAll = seen?.removals !== this.#removals
    const samples = this.#liveSamples(replacesAll ? 0 : seen.count)
    const cursor = {}
    this.#cursors.set(cursor, { removals: this.#removals, count: this.#samples.length })
    return { samples, skipped: [], replacesAll, cursor }
  }

  async getDocument(key: string): Promise<object | undefined> {
    this.#assertOpen('getDocument')
    assertKey(key)
    const text = this.#documents.get(key)
    return text === undefined ? undefined : documentOf(text)
  }

  async putDocument(key: string, document: object): Promise<WriteReceipt> {
    this.#assertOpen('putDocument')
    assertKey(key)
    this.#documents.set(key, documentText(key, document))
    return RECEIPT
  }

  async stats(): Promise<StoreStats> {
    this.#assertOpen('stats')
    const now = this.#clock.now()
    const decisions = new KindTally(now, this.#retention.ttlMs)
    const samples = new KindTally(now, this.#retention.sampleTtlMs)
    for (const { createdAtMs } of this.#decisions.values()) decisions.add(createdAtMs, 0)
    for (const { timestampMs } of this.#samples) samples.add(timestampMs, 0)
    return {
      directory: undefined,
      storage: 'memory',
      decisions: decisions.toStats(),
      samples: samples.toStats(),
      bytes: 0,
      hits: this.#hits,
      misses: this.#misses,
      expired: decisions.expired + samples.expired,
      damaged: 0,
    }
  }

  async prune(): Promise<PruneReport> {
    this.#assertOpen('prune')
    const before = this.#decisions.size + this.#samples.length
    for (const [key, entry] of this.#decisions)
      if (this.#isExpired(entry)) this.#decisions.delete(key)
    this.#keep(this.#liveSamples())
    const expired = before - this.#decisions.size - this.#samples.length
    return { expired, evictedDecisions: this.#evict(), prunedSamples: this.#pruneSamples() }
  }

  async clear(): Promise<ClearReport> {
    this.#assertOpen('clear')
    const report = { decisions: this.#decisions.size, samples: this.#samples.length }
    this.#decisions.clear()
    this.#keep([])
    this.#documents.clear()
    return report
  }

  async verify(): Promise<VerifyReport> {
    this.#assertOpen('verify')
    const good = this.#decisions.size + this.#samples.length
    return { checked: good, good, damaged: [], unreadable: [], future: [], quarantined: 0 }
  }

  async exportTo(file: string): Promise<TransferCount> {
    this.#assertOpen('exportTo')
    const decisions = [...this.#decisions]
      .filter(([, entry]) => !this.#isExpired(entry))
      .map(([key, entry]) => ({ key, entry }))
    return writeExport(file, decisions, this.#liveSamples())
  }

  async importFrom(file: string, options: ImportOptions = {}): Promise<ImportReport> {
    this.#assertOpen('importFrom')
    return importInto(
      {
        getDecision: async (key) => this.#lookUp(key),
        putDecision: (key, entry) => this.putDecision(key, entry),
        addSample: (sample) => this.addSample(sample),
        loadEverySample: async () => this.#samples,
      },
      file,
      options,
    )
  }

  async flush(): Promise<void> {
    this.#assertOpen('flush')
  }

  async close(): Promise<void> {
    this.#isClosed = true
  }

  #assertOpen(method: string): void {
    if (this.#isClosed) throw new StoreClosedError(method)
  }

  #lookUp(key: string): DecisionLookup {
    const entry = this.#decisions.get(key)
    if (entry === undefined) return { hit: false, reason: 'absent' }
    if (this.#isExpired(entry)) return { hit: false, reason: 'expired' }
    this.#use(key, entry)
    return { hit: true, entry }
  }

  #use(key: string, entry: DecisionEntry): void {
    this.#decisions.delete(key)
    this.#decisions.set(key, entry)
  }

  #isExpired({ createdAtMs }: DecisionEntry): boolean {
    return isExpired(createdAtMs, this.#clock.now(), this.#retention.ttlMs)
  }

  /** Oldest first, equal times in the order in which they came. */
  #liveSamples(from = 0): TrainingSample[] {
    const now = this.#clock.now()
    return this.#samples
      .slice(from)
      .filter(({ timestampMs }) => !isExpired(timestampMs, now, this.#retention.sampleTtlMs))
      .toSorted((a, b) => a.timestampMs - b.timestampMs)
  }

  #evict(): number {
    let evicted = 0
    for (const [key] of this.#decisions) {
      if (this.#decisions.size <= this.#retention.maxEntries) break
      this.#decisions.delete(key)
      evicted++
    }
    return evicted
  }

  #keep(samples: TrainingSample[]): void {
    if (samples.length < this.#samples.length) this.#removals++
    this.#samples = samples
  }

  #pruneSamples(): number {
    const redundant = new Set(
      chooseRedundant(this.#samples, (sample) => sample, this.#retention.maxEntries),
    )
    if (redundant.size > 0) this.#keep(this.#samples.filter((sample) => !redundant.has(sample)))
    return redundant.size
  }
}

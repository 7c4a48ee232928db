/** A store whose implementation is loaded with its first call; calls keep their order. */
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
  VerifyOptions,
  VerifyReport,
  WriteReceipt,
} from './store.ts'
import type { DecisionEntry, TrainingSample } from './records.ts'

/** Passes every call on to the store that `load` gives. */
export class DeferredStore implements Store {
  readonly #load: () => Promise<Store>
  #store: Promise<Store> | undefined

  constructor(load: () => Promise<Store>) {
    this.#load = load
  }

  async getDecision(key: string): Promise<DecisionLookup> {
    return (await this.#loaded()).getDecision(key)
  }

  async putDecision(key: string, entry: DecisionEntry): Promise<WriteReceipt> {
    return (await this.#loaded()).putDecision(key, entry)
  }

  async addSample(sample: TrainingSample): Promise<WriteReceipt> {
    return (await this.#loaded()).addSample(sample)
  }

  async loadSamples(): Promise<LoadedSamples> {
    return (await this.#loaded()).loadSamples()
  }

  async loadNewSamples(since?: SampleCursor): Promise<SampleUpdate> {
    return (await this.#loaded()).loadNewSamples(since)
  }

  async getDocument(key: string): Promise<object | undefined> {
    return (await this.#loaded()).getDocument(key)
  }

  async putDocument(key: string, document: object): Promise<WriteReceipt> {
    return (await this.#loaded()).putDocument(key, document)
  }

  async stats(): Promise<StoreStats> {
    return (await this.#loaded()).stats()
  }

  async prune(): Promise<PruneReport> {
    return (await this.#loaded()).prune()
  }

  async clear(): Promise<ClearReport> {
    return (await this.#loaded()).clear()
  }

  async verify(options?: VerifyOptions): Promise<VerifyReport> {
    return (await this.#loaded()).verify(options)
  }

  async exportTo(file: string): Promise<TransferCount> {
    return (await this.#loaded()).exportTo(file)
  }

  async importFrom(file: string, options?: ImportOptions): Promise<ImportReport> {
    return (await this.#loaded()).importFrom(file, options)
  }

  async flush(): Promise<void> {
    return (await this.#loaded()).flush()
  }

  async close(): Promise<void> {
    return (await this.#loaded()).close()
  }

  #loaded(): Promise<Store> {
    this.#store ??= this.#load()
    return this.#store
  }
}

/**
 * The model of a store in this process: loaded at the first question, told of this process's runs at
 * once, and of those of others and of other settings within a second.
 */
import type { SampleCursor, Store, TrainingSample } from '@amorsize/cache'

import { currentSettings } from './model-versions.ts'
import { PredictionModel } from './prediction-model.ts'
import { digestSettings } from './settings.ts'

/** Others' runs are known after this time at the latest, milliseconds. */
const FRESH_MS = 1000

const models = new WeakMap<Store, LiveModel>()

/** The model of a store, one a process. */
export function liveModelOf(store: Store): LiveModel {
  let model = models.get(store)
  if (!model) models.set(store, (model = new LiveModel(store)))
  return model
}

/** A model that follows a store. */
export class LiveModel {
  readonly #store: Store
  #model = new PredictionModel()
  #cursor: SampleCursor | undefined
  #sampleCount = 0
  #freshUntilMs = -Infinity
  #refreshing: Promise<void> | undefined
  /** How often it was to be taken anew: a load that began before is outdated. */
  #forgotten = 0

  readonly #now: () => number

  /** @param now - Monotonic time, milliseconds. */
  constructor(store: Store, now: () => number = () => performance.now()) {
    this.#store = store
    this.#now = now
  }

  /** Whether it has been loaded. */
  get isLoaded(): boolean {
    return this.#cursor !== undefined
  }

  /** Samples of the store, those included that cannot be true. */
  get sampleCount(): number {
    return this.#sampleCount
  }

  /** The model, no older than a second. */
  async model(): Promise<PredictionModel> {
    await this.#refresh()
    return this.#model
  }

  /**
   * Takes in a run of this process.
   *
   * @returns The sample as it should be kept: with how the runs before it would have predicted it, but
   * where the model is not loaded. The store will tell it then.
   */
  learn(sample: TrainingSample): TrainingSample {
    if (!this.isLoaded) return sample
    return { ...sample, ...this.#take(sample) }
  }

  /** Takes the samples of the store anew at the next question. */
  forget(): void {
    this.#forgotten++
    this.#cursor = undefined
    this.#freshUntilMs = -Infinity
  }

  async #refresh(): Promise<void> {
    if (this.#now() < this.#freshUntilMs) return
    this.#refreshing ??= this.#load().finally(() => (this.#refreshing = undefined))
    await this.#refreshing
  }

  async #load(): Promise<void> {
    const startMs = this.#now()
    const forgotten = this.#forgotten
    const settings = await currentSettings(this.#store)
    const isSame = digestSettings(settings) === this.#model.history.settingsDigest
    const since = isSame ? this.#cursor : undefined
    const { samples, replacesAll, cursor } = await this.#store.loadNewSamples(since)
    if (replacesAll) {
      this.#model = new PredictionModel(settings)
      this.#sampleCount = samples.length
      this.#model.learnAll(samples)
    } else {
      for (const sample of samples) this.#take(sample)
    }
    // What was forgotten meanwhile is to be loaded once more.
    if (forgotten !== this.#forgotten) return
    this.#cursor = cursor
    this.#freshUntilMs = startMs + FRESH_MS
  }

  /** Takes in a sample that may be known already, or not be true. */
  #take(sample: TrainingSample): Readonly<Record<string, number>> {
    const before = this.#model.size
    const fields = this.#model.tryAndLearn(sample)
    if (this.#model.size > before) this.#sampleCount++
    return fields
  }
}

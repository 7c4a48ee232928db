/**
 * A small store that loses nothing: decisions and training samples as JSON files, each written as a
 * whole, checked when read, and shared by any number of processes.
 *
 * @packageDocumentation
 */

// Stores.
export { createMemoryStore, openStore } from './open-store.ts'
export type { RetentionOptions, StoreOptions, StoreWarning } from './store-options.ts'

// The interface and its answers.
export type {
  ClearReport,
  DecisionLookup,
  ImportOptions,
  ImportReport,
  KindStats,
  LoadedSamples,
  MissReason,
  PruneReport,
  RefusedLine,
  SampleCursor,
  SampleUpdate,
  SkippedFile,
  Store,
  StoreStats,
  TransferCount,
  VerifyOptions,
  VerifyReport,
  WriteReceipt,
} from './store.ts'

// What is kept.
export type { DecisionEntry, ExecutorKind, TrainingSample } from './records.ts'
export type { SampleColumns, SampleList, TextColumn } from './sample-list.ts'

// Errors.
export {
  CacheError,
  ExportError,
  ImportError,
  InvalidKeyError,
  InvalidRecordError,
  InvalidStoreOptionError,
  ReadOnlyStoreError,
  StoreClosedError,
} from './errors.ts'
export type { CacheErrorDetails } from './errors.ts'

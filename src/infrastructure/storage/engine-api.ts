// biome-ignore-all lint/performance/noBarrelFile: the one entry point of engine packages
// What an engine in a package of its own imports as `portkv/engine`, see CONTRIBUTING.md. The only barrel of the
// source: a package cannot reach the modules, and what it may use has to be listed somewhere.

export type { Awaitable } from '../../application/awaitable.js';
export type { CommitLog, CommitPage, CommitRecord } from '../../application/ports/commit-log.js';
export type { ExternalChange, ExternalChangeListener } from '../../application/ports/external-changes.js';
export type { Logger } from '../../application/ports/logger.js';
export type { Durability } from '../../application/ports/project-storage.js';
export type { Batch, Range, Store } from '../../application/ports/store.js';
export type { Change } from '../../domain/change.js';
export { type Entry, type EntryHead, entryBytes } from '../../domain/entry.js';
export {
  AppError,
  CommitRefusedError,
  CommitTooLargeError,
  HistoryGoneError,
  LimitExceededError,
  StoreFencedError,
} from '../../domain/errors.js';
export { boundsOf, compareKeys, type KeyBounds } from '../../domain/key.js';
export { requireWithin, type Totals, type TotalsLimit } from '../../domain/totals.js';
export { removeFiles, replaceFile, syncFolder } from '../files/durable-file.js';
export { diskError, toStorageError, unreadableFile } from '../files/storage-errors.js';
export { decodeHead, decodeRecord, encodeRecord } from './building-blocks/entry-record.js';
export { GroupCommit, type GroupCommitOptions } from './building-blocks/group-commit.js';
export type { Inspection } from './building-blocks/inspection.js';
export { MemoryStore } from './building-blocks/memory-store.js';
export { OrderedTable } from './building-blocks/ordered-table.js';
export { type EntryCheck, keptPath, type RepairResult } from './building-blocks/repair-result.js';
export { storeOwner } from './building-blocks/server/store-owner.js';
export type { EntryHeader, KeyWrite, WriteGroup } from './building-blocks/write-group.js';
export type { CleanShutdown, Engine, EngineServer, LocalFiles, Maintenance } from './engines/engine.js';
export { dataName, type Location } from './engines/location.js';

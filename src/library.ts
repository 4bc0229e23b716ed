import 'reflect-metadata';
import { openEmbedded } from './composition/open-embedded.js';
import { AppError } from './domain/errors.js';
import type { OpenOptions } from './interfaces/library/open-options.js';
import { PortkvStore } from './interfaces/library/portkv-store.js';

export type {
  KeysOptions,
  KeyValueStore,
  ListOptions,
  StoreChange,
  WatchOptions,
} from './interfaces/key-value-store/key-value-store.js';
export type {
  Removed,
  Replaced,
  TransactionCheck,
  TransactionOperation,
  TransactionOptions,
} from './interfaces/key-value-store/transaction.js';
export type {
  ExpiryOptions,
  IncrementOptions,
  Meta,
  PutEntry,
  PutOptions,
  Stored,
  StoredHead,
} from './interfaces/key-value-store/values.js';
export { AppError as PortkvError, type OpenOptions, PortkvStore };

/**
 * Opens a store without a server, with the guarantees of one. The engine, its options and the encryption of an existing
 * store stay as they are unless they are given. Rejects with a `PortkvError`: `invalid` for wrong options,
 * `unavailable` if the folder is in use by another process or cannot be read.
 */
export async function open<T = unknown>(options: OpenOptions): Promise<PortkvStore<T>> {
  const { keyspace, useCases, close } = await openEmbedded(options);
  return new PortkvStore<T>(keyspace, useCases, options.readOnly ?? false, close);
}

import { expect } from 'chai';
import type { Entry } from '../../../src/domain/entry.js';
import { AppError, type ErrorCode } from '../../../src/domain/errors.js';

/** An entry with the key `k` and a value that is text. */
export function entryOf(value: string | Uint8Array, more: Partial<Entry> = {}): Entry {
  const times = { version: 7, createdAt: 1_000, updatedAt: 2_000 };
  return { key: 'k', value: Buffer.from(value), contentType: 'application/json', ...times, ...more };
}

/** The error that a task throws, which must have this code. */
export function errorOf(code: ErrorCode, task: () => unknown): AppError {
  try {
    task();
  } catch (error) {
    expect(error).to.be.instanceOf(AppError).with.property('code', code);
    return error as AppError;
  }
  throw new Error(`it did not throw ${code}`);
}

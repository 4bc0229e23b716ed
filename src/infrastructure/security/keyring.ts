import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError } from '../../domain/errors.js';
import type { KeySource } from '../../domain/project.js';
import { diskError } from '../files/storage-errors.js';

/** Encryption keys by their ids. */
export interface Keyring {
  /** Where the keys were read, for messages. */
  readonly source: string;
  /** The id of the key that encrypts; the others only decrypt. */
  readonly current: string;
  readonly keys: ReadonlyMap<string, KeyObject>;
}

/** Longest id, in characters. */
export const KEY_ID_BYTES = 16;

/** Largest key file. */
const MAX_BYTES = 64 * 1024;
const LINE = /^(?:([A-Za-z0-9_-]{1,16}):)?([A-Za-z0-9+/]{43}=)$/;

/**
 * Reads lines `[id:]base64 of 32 bytes`, the current key first. A key without an id gets the first 8 hex digits of its
 * SHA-256. Keys may also be separated by spaces, as in a variable. A relative path is relative to `folder`.
 * Rejects with `unavailable`.
 */
export async function readKeyring({ key_file, key_env }: KeySource, folder: string): Promise<Keyring> {
  if (key_file === undefined) {
    const source = `the environment variable ${key_env}`;
    return parseKeys(process.env[key_env ?? ''] ?? '', source);
  }
  const path = resolve(folder, key_file);
  const source = `the key file ${path}`;
  const text = await readKeyFile(path).catch((error: unknown) => {
    throw diskError(error, `cannot read ${source}`);
  });
  return parseKeys(text, source);
}

/** Refuses devices and pipes: a read of those may never end. */
async function readKeyFile(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > MAX_BYTES) throw new Error(`is no file of at most ${MAX_BYTES} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function parseKeys(text: string, source: string): Keyring {
  const lines = text.split(/\s+/).filter((line) => line !== '');
  if (lines.length === 0) throw new AppError('unavailable', `${source} holds no key`);
  const keys = new Map<string, KeyObject>();
  for (const [i, line] of lines.entries()) {
    const { id, key } = parseKey(line, `${source}: key ${i + 1}`);
    if (keys.has(id)) throw new AppError('unavailable', `${source}: two keys have the id ${id}`);
    keys.set(id, key);
  }
  const [current = ''] = keys.keys();
  return { source, current, keys };
}

function parseKey(line: string, name: string): { id: string; key: KeyObject } {
  const [, id, base64 = ''] = LINE.exec(line) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length !== 32) throw new AppError('unavailable', `${name} is not "[id:]base64 of 32 bytes"`);
  return { id: id ?? createHash('sha256').update(bytes).digest('hex').slice(0, 8), key: createSecretKey(bytes) };
}

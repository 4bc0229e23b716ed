import { lstat, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { localEngineNames } from '../../src/infrastructure/storage/engines/registry.js';
import { open, PortkvError } from '../../src/library.js';
import { ENGINE_FIXTURES } from '../contract/engine-fixtures.js';

const KEY_ENV = 'PORTKV_READ_ONLY_TEST';
/** Longer than the intervals of what is removed, looked at or reserved from time to time, in ms. */
const INTERVALS = 700;

/** An engine, and whether its values are encrypted. */
export interface ReadOnlyCase {
  readonly engine: string;
  readonly encryption: { readonly key_env: string } | null;
  readonly title: string;
}

/** Every durable engine, plain and encrypted. */
export const READ_ONLY_CASES: readonly ReadOnlyCase[] = localEngineNames
  .filter((name) => ENGINE_FIXTURES[name].durable)
  .flatMap((engine) => [
    { engine, encryption: null, title: `A store of ${engine} opened to be read only` },
    { engine, encryption: { key_env: KEY_ENV }, title: `A store of ${engine}, encrypted, opened to be read only` },
  ]);

/** A folder with a closed store of 59 entries, one of which was deleted and one of which has expired. */
export async function makeStore({ engine, encryption }: ReadOnlyCase): Promise<string> {
  process.env[KEY_ENV] = Buffer.alloc(32, 7).toString('base64');
  const path = await mkdtemp(join(tmpdir(), 'portkv-'));
  await using store = await open<number>({ path, engine, encryption });
  for (let i = 0; i < 60; i++) await store.put(`key-${i}`, i);
  await store.put('gone', 0, { ttl: 0.05 });
  await store.delete('key-7');
  await new Promise((resolve) => setTimeout(resolve, 60));
  return path;
}

/** Opens the store to read it, and expects all that it holds, and no writes. */
export async function expectReadable(path: string): Promise<void> {
  await using store = await open<number>({ path, readOnly: true });
  const found: [string, number][] = [];
  for await (const { key, value } of store.list()) found.push([key, value]);
  expect(found).to.have.length(59);
  expect((await store.get('key-8'))?.value).to.equal(8);
  expect(await store.get('key-7')).to.equal(undefined);
  expect(await store.get('gone')).to.equal(undefined);
  expect(await store.transaction([{ head: { key: 'gone' } }, { get: { key: 'key-7' } }])).to.deep.equal([
    undefined,
    undefined,
  ]);
  expect(await codeOf(store.put('a', 1))).to.equal('forbidden');
  await new Promise((resolve) => setTimeout(resolve, INTERVALS));
}

/** The code of the error that a promise rejects with. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  return error instanceof PortkvError && error.code;
}

/** Every name in a folder, with its content and all that changes if it is written. */
export async function stateOf(folder: string): Promise<Map<string, string>> {
  const names = ['.', ...(await readdir(folder, { recursive: true }))].sort();
  const state = names.map(async (name): Promise<[string, string]> => {
    const path = join(folder, name);
    const found = await lstat(path, { bigint: true });
    const { ino, size, mode, mtimeNs, ctimeNs } = found;
    const content = found.isFile() ? (await readFile(path)).toString('base64') : '';
    return [name, [ino, size, mode, mtimeNs, ctimeNs, content].join(' ')];
  });
  return new Map(await Promise.all(state));
}

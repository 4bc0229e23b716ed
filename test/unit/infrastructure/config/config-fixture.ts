import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { IsInt, Min } from 'class-validator';
import { AppError, type ErrorCode } from '../../../../src/domain/errors.js';
import type { Engines } from '../../../../src/infrastructure/config/check-storage.js';
import { ConfigFile } from '../../../../src/infrastructure/config/config-file.js';
import { ConfiguredCredentials } from '../../../../src/infrastructure/config/configured-credentials.js';
import { ConfiguredProjects } from '../../../../src/infrastructure/config/configured-projects.js';
import { loadConfig } from '../../../../src/infrastructure/config/load-config.js';
import { Argon2Hasher } from '../../../../src/infrastructure/security/argon2-hasher.js';
import type { Engine } from '../../../../src/infrastructure/storage/engines/engine.js';

export const hasher = new Argon2Hasher();

/** An engine's options as an engine may declare them, with messages that class-validator makes. */
class PageOptions {
  @Min(512)
  @IsInt()
  page_size = 4096;
}

function engineWith(Options: new () => object): () => Promise<Engine> {
  const never = () => Promise.reject(new Error('no configuration opens a store'));
  return () => Promise.resolve({ Options, open: never, create: never, remove: never });
}

/** Of an engine, a configuration uses nothing but its name and its options. */
export const engines: Engines = {
  'json-file': engineWith(class {}),
  lmdb: engineWith(PageOptions),
  memory: engineWith(class {}),
};

/** A folder that the test removes by `await using`. */
export async function scratch(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'portkv-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A configuration file with the text or JSON given, loaded. */
export async function configured(folder: string, content: string | object, name = 'config.json') {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  const file = new ConfigFile(path);
  const loaded = await loadConfig(file, engines, hasher);
  if (loaded === undefined) throw new Error('no file');
  const credentials = new ConfiguredCredentials(file, loaded.settings);
  const projects = new ConfiguredProjects(file, loaded.settings, engines, credentials);
  return { ...loaded, file, path, credentials, projects, text: () => readFile(path, 'utf8') };
}

/** The error that the promise rejects with; fails where its code is another. */
export async function failure(code: ErrorCode, promise: Promise<unknown>): Promise<AppError> {
  const error = await promise.then(
    () => new Error('nothing failed'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw error;
  expect(error.code, error.message).to.equal(code);
  return error;
}

/** `path: message` of every mistake. */
export function mistakes(error: AppError): string[] {
  const errors = (error.details?.errors ?? []) as { path: string; message: string }[];
  return errors.map(({ path, message }) => `${path}: ${message}`);
}

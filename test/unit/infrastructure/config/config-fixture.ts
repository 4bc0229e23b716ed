import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AppError, type ErrorCode } from '../../../../src/domain/errors.js';
import { ConfigFile } from '../../../../src/infrastructure/config/config-file.js';
import { ConfiguredCredentials } from '../../../../src/infrastructure/config/configured-credentials.js';
import { ConfiguredProjects } from '../../../../src/infrastructure/config/configured-projects.js';
import { loadConfig } from '../../../../src/infrastructure/config/load-config.js';
import { Argon2Hasher } from '../../../../src/infrastructure/security/argon2-hasher.js';

/** With the name of a configuration, but not with that of a temporary file, the path is below PATH_MAX. */
const LONGEST_FOLDER = 4075;

export const hasher = new Argon2Hasher();

/** A folder that the test removes by `await using`. */
export async function scratch(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'portkv-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Writes a configuration file with the given text or JSON and loads it. */
export async function configured(folder: string, content: string | object, name = 'config.json') {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  const file = new ConfigFile(path);
  const loaded = await loadConfig(file, hasher);
  if (loaded === undefined) throw new Error('no file');
  const credentials = new ConfiguredCredentials(file, loaded.settings);
  const projects = new ConfiguredProjects(file, loaded.settings, credentials);
  return { ...loaded, file, path, credentials, projects, text: () => readFile(path, 'utf8') };
}

/** The same for a file that can be read and not be written: no temporary file beside it can have so long a path. */
export async function unwritable(folder: string, content: string | object) {
  let deep = folder;
  while (deep.length < LONGEST_FOLDER) deep = join(deep, 'd'.repeat(Math.min(200, LONGEST_FOLDER - deep.length)));
  await mkdir(deep, { recursive: true });
  return configured(deep, content);
}

/** The error that the promise rejects with; fails if it has another code. */
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

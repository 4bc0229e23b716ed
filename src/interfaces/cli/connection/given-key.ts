import { readFile } from 'node:fs/promises';
import { AppError } from '../../../domain/errors.js';
import { apiKeyProblem } from '../options/option-values.js';
import { readStandardInput } from '../options/standard-input.js';
import type { GivenKey } from './key-need.js';

/** Where a key is given: `--key`, `--key-file`, `PORTKV_KEY`, `PORTKV_KEY_FILE`, in this order. */
export interface KeyOptions {
  readonly key?: string;
  readonly keyFile?: string;
}

/** The key that an option or a variable gives; undefined if none does. Throws `invalid`, naming what is wrong. */
export async function givenKey(options: KeyOptions, env: NodeJS.ProcessEnv): Promise<GivenKey | undefined> {
  if (options.key !== undefined) return { key: options.key, source: '--key' };
  if (options.keyFile !== undefined) return readKey(options.keyFile, '--key-file');
  const key = env.PORTKV_KEY;
  if (key !== undefined) return checked(key, 'PORTKV_KEY', 'The environment variable PORTKV_KEY is wrong');
  const file = env.PORTKV_KEY_FILE;
  if (file === undefined) return undefined;
  if (file.trim() !== '') return readKey(file, 'PORTKV_KEY_FILE');
  throw new AppError('invalid', 'The environment variable PORTKV_KEY_FILE is wrong: it is empty');
}

async function readKey(file: string, source: string): Promise<GivenKey> {
  const name = file === '-' ? 'standard input' : file;
  return checked(await contentOf(file, source), source, `The key of ${source} in ${name} is wrong`);
}

async function contentOf(file: string, source: string): Promise<string> {
  if (file === '-') return readStandardInput('the key');
  try {
    return (await readFile(file, 'utf8')).replace(/[\r\n]+$/, '');
  } catch (cause) {
    throw new AppError('invalid', `The file of ${source} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function checked(key: string, source: string, message: string): GivenKey {
  const problem = apiKeyProblem(key);
  if (problem === undefined) return { key, source };
  throw new AppError('invalid', `${message}: ${problem}`);
}

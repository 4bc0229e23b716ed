import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { type Command, Option } from 'commander';
import { AppError } from '../../../domain/errors.js';
import { parseName } from './option-values.js';
import { takeStandardInput } from './standard-input.js';

/** Adds what `openValue` reads: the argument `value`, and `--file`. */
export function withValue(command: Command): Command {
  return command
    .argument('[value]', 'the value; - is standard input')
    .addOption(new Option('--file <file>', 'read the value from a file, byte for byte').argParser(parseName));
}

/** The bytes of the value. Rejects with `invalid` unless exactly one of argument and file is given. */
export async function openValue(value: string | undefined, file: string | undefined): Promise<Readable | Buffer> {
  if ((value === undefined) === (file === undefined)) {
    throw new AppError('invalid', 'Give one value: as an argument, as - for standard input, or with --file FILE');
  }
  if (value === '-') return takeStandardInput('the value');
  if (file === undefined) return Buffer.from(value as string);
  const found = await stat(file).catch((error: Error) => error);
  if (found instanceof Error) throw new AppError('invalid', `--file cannot be read: ${found.message}`);
  if (found.isDirectory()) throw new AppError('invalid', `--file cannot be read: ${file} is a folder`);
  return createReadStream(file);
}

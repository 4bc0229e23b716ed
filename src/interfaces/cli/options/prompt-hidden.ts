import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { AppError } from '../../../domain/errors.js';
import { apiKeyProblem } from './option-values.js';

/** Asks on the terminal for a key, which does not appear there. Throws `invalid` if it is missing or malformed. */
export async function promptHidden(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  // Only now, when the terminal shows nothing any more that is typed.
  process.stderr.write(question);
  const ended = new Promise<undefined>((resolve) => terminal.once('close', () => resolve(undefined)));
  try {
    const key = (await Promise.race([terminal.question(''), ended]))?.trim() ?? '';
    const problem = apiKeyProblem(key);
    if (problem === undefined) return key;
    throw new AppError('invalid', key === '' ? 'No key was given' : `The key is wrong: ${problem}`);
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}

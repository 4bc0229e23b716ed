import 'reflect-metadata';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PortkvError } from '../../../../src/library.js';
import { readStoredProjects } from './stored-projects.js';

/**
 * Reads folders from standard input, one a line, and prints for each `{folder, projects: {ID: {KEY: VALUE}}}` or `{folder, error}`:
 * what every project of its configuration holds there, once it was opened and had taken one more write.
 */
for await (const folder of createInterface({ input: process.stdin })) {
  let answer: object;
  try {
    answer = { folder, projects: await readStoredProjects(join(folder, 'config.json')) };
  } catch (error) {
    answer = { folder, error: error instanceof PortkvError ? error.message : String((error as Error).stack) };
  }
  writeSync(1, `${JSON.stringify(answer)}\n`);
}

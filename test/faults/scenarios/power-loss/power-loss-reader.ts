import 'reflect-metadata';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PortkvError } from '../../../../src/library.js';
import { readStoredProjects } from './stored-projects.js';

/**
 * Reads folders from standard input, one a line, and prints for each `{folder, projects: {ID: {KEY: VALUE}}}` or
 * `{folder, error}`: the content of every project of its configuration, if it could be opened and written.
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

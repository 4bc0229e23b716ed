import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench } from '../bench.js';

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, '../change-feed.js');
const STREAMS = '1000';
/**
 * Arguments for the program, by what the report calls them: the filter of the streams, and writes a second if limited.
 */
const CASES: Readonly<Record<string, readonly string[]>> = {
  'that receive nothing': ['?prefix=nothing'],
  'for one key each': ['?key=key-N'],
  'that receive everything, 2000 writes a second': ['', '2000'],
  'that receive everything, as many writes as possible': [''],
};

/** A thousand open streams of changes and how much they slow writers. */
export async function fanOut(bench: Bench): Promise<void> {
  for (const [which, args] of Object.entries(CASES)) {
    const { stdout } = await run(process.execPath, [PROGRAM, STREAMS, 'memory', ...args]);
    bench.addSection(`${STREAMS} streams of changes ${which}`, `\`\`\`text\n${stdout.trim()}\n\`\`\``);
    const goal = (what: string, pattern: RegExp, most: number) => {
      const value = Number(pattern.exec(stdout)?.[1]);
      bench.ratios.push({ what: `${STREAMS} streams ${which}: ${what}`, value, goal: most, atMost: true });
    };
    goal('memory, MB', /streams: (\S+) MB/, 30);
    goal('writes are slower by, %', /slower by (\S+) %/, 10);
  }
}

import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Failure, reasonFor } from './reasons.js';
import type { SuiteSource } from './suite-source.js';

/** What became of the tests of one unit. */
export interface UnitResult {
  readonly unit: string;
  readonly passed: number;
  readonly failed: readonly Failure[];
  /** How many were left out for which reason, because they are about what PortKV does not have by design. */
  readonly byDesign: ReadonlyMap<string, number>;
  /** Those that the suite itself does not run against an external server. */
  readonly notExternal: number;
}

/** What a server of ours does not have, in the words of the suite. */
const TAGS = ['debug', 'repl', 'save', 'pfdebug', 'config-maxmemory', 'config-resetstat'];
const OPTIONS = ['--host', '127.0.0.1', '--singledb', '--ignore-encoding', '--ignore-digest', '--durable'];
/** Tests that fail by design leave their connection as it is, which makes others fail: those show in further rounds. */
const MAX_ROUNDS = 20;
/** Seconds without progress: a machine may be busy with other things. */
const TIMEOUT = 900;

/** Runs a unit until no test fails by design any more: those that did are left out in the next round. */
export async function runUnit(suite: SuiteSource, port: number, unit: string): Promise<UnitResult> {
  const reasons = new Map<string, string>();
  for (let round = 1; ; round++) {
    const { passed, failed, skipped, ignored } = await runOnce(suite, port, unit, [...reasons.keys()]);
    const before = reasons.size;
    for (const failure of failed) {
      const reason = reasonFor(failure);
      if (reason !== undefined) reasons.set(failure.name, reason);
    }
    if (reasons.size > before && round < MAX_ROUNDS) continue;
    const byDesign = new Map<string, number>();
    for (const name of skipped) {
      const reason = reasons.get(name) ?? 'unknown';
      byDesign.set(reason, (byDesign.get(reason) ?? 0) + 1);
    }
    return { unit, passed: passed.length, failed, byDesign, notExternal: ignored.length };
  }
}

interface Outcome {
  readonly passed: string[];
  readonly failed: Failure[];
  readonly skipped: string[];
  readonly ignored: string[];
}

async function runOnce(
  { folder }: SuiteSource,
  port: number,
  unit: string,
  skipped: readonly string[],
): Promise<Outcome> {
  const skipfile = join(folder, 'skipped.txt');
  await writeFile(skipfile, skipped.join('\n'));
  const tags = TAGS.map((tag) => `-needs:${tag}`).join(' ');
  const args = [
    '--port',
    `${port}`,
    '--single',
    unit,
    '--tags',
    tags,
    '--skipfile',
    skipfile,
    '--timeout',
    `${TIMEOUT}`,
  ];
  const child = spawn('tclsh', ['tests/test_helper.tcl', ...OPTIONS, ...args], { cwd: folder });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk));
  await new Promise((done, failed) => child.on('close', done).on('error', failed));
  return outcomeIn(output);
}

/** From the lines that the suite prints: `[ok]: name (1 ms)`, `[err]: name in file` and the reason, and others. */
function outcomeIn(output: string): Outcome {
  const outcome: Outcome = { passed: [], failed: [], skipped: [], ignored: [] };
  const plain = output.replaceAll(/\x1b\[[0-9;]*m/g, '').split('\n                   The End\n')[0] ?? '';
  const ended = /^\[\d+\/\d+ done\]/m.test(plain);
  for (const part of plain.split(/^(?=\[(?:ok|err|skip|ignore|exception|\d+\/\d+ done)\])/m)) {
    const [, kind = '', text = ''] = /^\[(\w+)\]: (.*)/s.exec(part) ?? [];
    const [line = '', ...rest] = text.split('\n');
    if (kind === 'ok') outcome.passed.push(line.replace(/ \(\d+ ms\)$/, ''));
    if (kind === 'skip') outcome.skipped.push(line);
    if (kind === 'ignore') outcome.ignored.push(line);
    if (kind === 'err')
      outcome.failed.push({ name: line.replace(/ in tests\/.*$/, ''), detail: rest.join('\n') || line });
    if (kind === 'exception') outcome.failed.push({ name: 'the whole unit', detail: text });
  }
  if (!ended) outcome.failed.push({ name: 'the whole unit', detail: `it did not end: ${plain.slice(-500)}` });
  return outcome;
}

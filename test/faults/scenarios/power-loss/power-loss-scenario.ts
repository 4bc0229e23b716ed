import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { faultEnv } from '../../harness/disk/fault-library.js';
import { type UnsyncedWrites, writeCutState } from '../../harness/disk/power-cut.js';
import { type FileSystem, RecordedDisk, readRecord } from '../../harness/disk/recorded-disk.js';
import { Ledger } from '../../harness/ledger.js';
import { ServerProcess } from '../../harness/server/server-process.js';
import { type ProjectSpec, ServerFolder } from '../../harness/server-folder.js';
import { tornValues } from '../../harness/workload.js';

const WRITER = fileURLToPath(new URL('power-loss-writer.js', import.meta.url));
const READER = fileURLToPath(new URL('power-loss-reader.js', import.meta.url));
const BROKEN_ENGINES = new URL('../../broken-engines/register.js', import.meta.url).href;
const FILE_SYSTEMS: readonly FileSystem[] = ['ext4', 'posix'];
const UNSYNCED: readonly UnsyncedWrites[] = ['parts', 'parts', 'parts', 'nothing', 'everything'];
const BATCH = 40;
const MEMORY = '/dev/shm';

interface DiskState {
  readonly folder: string;
  readonly what: string;
  readonly clientLines: readonly string[];
}

/** The result of simulated power cuts: the number of stores that were checked, and what was wrong with them. */
export interface PowerLossResult {
  readonly states: number;
  readonly wrong: readonly string[];
}

/**
 * Records `writes` writes to the projects, then checks `states` states that a power cut may leave on either file
 * system.
 */
export async function simulatePowerLoss(
  library: string,
  subjects: readonly ProjectSpec[],
  { writes, states, random }: { writes: number; states: number; random: () => number },
): Promise<PowerLossResult> {
  const folder = await ServerFolder.make(subjects);
  const made = await ServerProcess.start(folder);
  await made.ready();
  await made.kill('SIGTERM');
  const disks = FILE_SYSTEMS.map((fileSystem) => ({ fileSystem, disk: new RecordedDisk(folder.path, fileSystem) }));
  const work = await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'portkv-power-'));
  try {
    await record(library, folder, subjects, writes, join(work, 'log'));
    const wrong: string[] = [];
    for (const { fileSystem, disk } of disks) {
      const cuts = cutsOf(readRecord(join(work, 'log')), disk, fileSystem, states / 2, random, work);
      for (;;) {
        const batch = cuts.next();
        if (batch.done) break;
        wrong.push(...(await look(batch.value)));
        for (const { folder } of batch.value) await rm(folder, { recursive: true, force: true });
      }
    }
    return { states: states * subjects.length, wrong };
  } finally {
    await rm(work, { recursive: true, force: true });
    await folder.remove();
  }
}

async function record(
  library: string,
  folder: ServerFolder,
  subjects: readonly ProjectSpec[],
  writes: number,
  log: string,
) {
  const env = { ...process.env, ...faultEnv(library, folder.path, { FAULT_LOG: log, FAULT_ACKFD: '1' }) };
  const args = ['--import', BROKEN_ENGINES, WRITER, folder.config, String(writes), ...subjects.map(({ id }) => id)];
  const writer = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
  let errors = '';
  writer.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [code] = await once(writer, 'close');
  if (code !== 0) throw new Error(`the writer failed: ${errors}`);
}

/** States at random moments, in batches, because a folder is created for each. */
function* cutsOf(
  record: ReturnType<typeof readRecord>,
  disk: RecordedDisk,
  fileSystem: FileSystem,
  states: number,
  random: () => number,
  work: string,
): Generator<DiskState[]> {
  const moments = Array.from({ length: states }, () => Math.floor(random() * record.length)).sort((a, b) => a - b);
  let played = 0;
  let batch: DiskState[] = [];
  for (const [i, moment] of moments.entries()) {
    for (; played <= moment; played++) disk.play(record[played] as (typeof record)[0]);
    const leaving = UNSYNCED[i % UNSYNCED.length] as UnsyncedWrites;
    const folder = join(work, `${fileSystem}-${i}`);
    writeCutState(disk, fileSystem, leaving, random, folder);
    batch.push({
      folder,
      what: `${fileSystem}, cut after call ${moment}, ${leaving} left`,
      clientLines: [...disk.clientLines],
    });
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

interface Answer {
  readonly folder: string;
  readonly projects?: Record<string, Record<string, string>>;
  readonly error?: string;
}

async function look(batch: readonly DiskState[]): Promise<string[]> {
  const answers = new Map<string, Answer>();
  let rest = batch;
  while (rest.length > 0) {
    for (const answer of await readSome(rest.map(({ folder }) => folder))) answers.set(answer.folder, answer);
    const next = rest.findIndex(({ folder }) => !answers.has(folder));
    if (next < 0) break;
    // A damaged file may end the reader.
    answers.set(rest[next]?.folder ?? '', { folder: '', error: 'the reader died' });
    rest = rest.slice(next + 1);
  }
  return batch.flatMap((left) => problems(left, answers.get(left.folder)).map((what) => `${left.what}: ${what}`));
}

async function readSome(folders: readonly string[]): Promise<Answer[]> {
  const args = ['--import', BROKEN_ENGINES, READER];
  const reader = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  reader.stdin.on('error', () => undefined);
  reader.stdin.end(`${folders.join('\n')}\n`);
  const answers: Answer[] = [];
  for await (const line of createInterface({ input: reader.stdout })) answers.push(JSON.parse(line));
  return answers;
}

function problems({ clientLines }: DiskState, answer: Answer | undefined): string[] {
  if (answer?.projects === undefined) return [answer?.error ?? 'no answer'];
  const ledgers = new Map(Object.keys(answer.projects).map((id) => [id, new Ledger()]));
  const open = new Map<string, (outcome: 'done') => void>();
  for (const line of clientLines) {
    const [word, project = '', key = '', number = ''] = line.split(' ');
    const tell = open.get(`${project} ${key}`);
    if (word === 'ack') tell?.('done');
    const begun = word === 'try' && ledgers.get(project)?.begin(key, number === '-' ? null : number);
    if (begun) open.set(`${project} ${key}`, begun);
  }
  return [...ledgers].flatMap(([id, ledger]) => {
    const values = new Map(Object.entries(answer.projects?.[id] ?? {}));
    const numbers = new Map([...values].map(([key, value]) => [key, value.split(':')[0] ?? '']));
    return [...tornValues(values), ...ledger.settle(numbers)].map((what) => `${id}: ${what}`);
  });
}

import { cp, open, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { doctor } from '../../../src/composition/commands/doctor.js';
import { Ledger } from '../harness/ledger.js';
import { ServerProcess } from '../harness/server/server-process.js';
import { DURABLE_ENGINES, type ProjectSpec, ServerFolder } from '../harness/server-folder.js';
import { nextValue, readAll, type TrackedProject, writeKey } from '../harness/workload.js';

/** Engines whose files people may edit, without a checksum: damage to a value looks like an edit. */
const EDITABLE = ['json-file', 'directory'];
/** Engines of which a damaged store can be repaired. */
const REPAIRABLE = ['json-file', 'directory', 'lmdb'];
/** Signals with which damage to a file that is mapped into memory may end a process. */
const MAPPED: Readonly<Record<string, readonly string[]>> = { lmdb: ['SIGBUS', 'SIGSEGV', 'SIGABRT'] };
const PAGE = 4096;
const KEYS = 40;

const DAMAGES: Readonly<Record<string, (file: string) => Promise<void>>> = {
  'is deleted': (file) => rm(file),
  'is cut in the middle': async (file) => truncate(file, Math.floor((await stat(file)).size / 2)),
  'is empty': (file) => truncate(file, 0),
  'has a flipped byte in its first page': (file) => flip(file, () => 20),
  'has a flipped byte in its middle page': (file) => flip(file, (size) => Math.floor(size / 2)),
  'has a flipped byte in its last page': (file) => flip(file, (size) => Math.max(0, size - PAGE / 2)),
};

export type DamageOutcome = 'refused' | 'served right' | 'one entry differs';

/** The outcomes of damages, counted. */
export interface DamageFigures extends Record<DamageOutcome, number> {
  damages: number;
  /** Servers that did not survive it. */
  ended: number;
  repaired: number;
}

/** The result of all damages to one project. */
export interface DamageResult {
  readonly figures: DamageFigures;
  readonly wrong: string[];
}

/** A project that is damaged again and again, and another one that must not be affected. */
export class DamagedProject {
  readonly figures: DamageFigures = {
    damages: 0,
    refused: 0,
    'served right': 0,
    'one entry differs': 0,
    ended: 0,
    repaired: 0,
  };
  readonly wrong: string[] = [];
  readonly #hit: ProjectSpec;
  readonly #folder: ServerFolder;
  readonly #values = new Map<string, string>();
  #what = '';

  /** What the last server that refused said. */
  #refusal = '';

  private constructor(hit: ProjectSpec, folder: ServerFolder) {
    this.#hit = hit;
    this.#folder = folder;
  }

  /** Damages the data of a stopped server, starts one on it, and runs the doctor and its repair. */
  static async atRest(subject: ProjectSpec): Promise<DamageResult> {
    return DamagedProject.#each(subject, async (project, damage) => {
      const file = await project.#dataFile();
      await damage(file);
      const damaged = await contentOf(file);
      const came = await project.#look(file, project.#ledger());
      if (came === 'refused' && !same(damaged, await contentOf(file))) project.#note('the file was changed');
      if ((await project.#examine(came)) === 'damaged') await project.#repair();
    });
  }

  /** Damages the data of a running server, which goes on, is killed, and started again. */
  static async running(subject: ProjectSpec): Promise<DamageResult> {
    return DamagedProject.#each(subject, async (project, damage) => {
      const server = await ServerProcess.start(project.#folder);
      await server.ready();
      const tested = project.#ledger();
      for (let i = 0; i < 5; i++) await writeKey(server, tested, 'PUT', `more-${i}`, nextValue());
      const file = await project.#dataFile();
      await damage(file);
      await project.#goOn(server, tested);
      await project.#end(server);
      await project.#examine(await project.#look(file, tested));
    });
  }

  static async #each(
    subject: ProjectSpec,
    one: (project: DamagedProject, damage: (file: string) => Promise<void>) => Promise<void>,
  ): Promise<DamageResult> {
    const hit = { ...subject, id: 'hit' };
    const folder = await ServerFolder.make([
      hit,
      { id: 'bystander', engine: 'json-file', durable: true, encrypted: false },
    ]);
    const project = new DamagedProject(hit, folder);
    await project.#fill();
    const sound = `${folder.data}.sound`;
    await cp(folder.data, sound, { recursive: true, preserveTimestamps: true });
    for (const [what, damage] of Object.entries(DAMAGES)) {
      project.#what = what;
      project.figures.damages += 1;
      await one(project, damage);
      if (project.wrong.length > 0) break;
      await rm(folder.data, { recursive: true });
      await cp(sound, folder.data, { recursive: true, preserveTimestamps: true });
    }
    await folder.remove();
    return project;
  }

  async #fill(): Promise<void> {
    const server = await ServerProcess.start(this.#folder);
    await server.ready();
    const tested: TrackedProject = { id: 'hit', ledger: new Ledger(), wrong: [] };
    for (let i = 0; i < KEYS; i++) {
      const value = nextValue();
      this.#values.set(`own-${i}`, value);
      await writeKey(server, tested, 'PUT', `own-${i}`, value);
    }
    this.wrong.push(...tested.ledger.settle(await readAll(server, tested)));
    await server.kill('SIGTERM');
  }

  /** A ledger with the content before the damage. */
  #ledger(): TrackedProject {
    const ledger = new Ledger();
    for (const [key, value] of this.#values) ledger.begin(key, value)('done');
    return { id: 'hit', ledger, wrong: [] };
  }

  /** Reads and writes after the damage: responses must be correct, or refusals. */
  async #goOn(server: ServerProcess, tested: TrackedProject): Promise<void> {
    const differing: string[] = [];
    try {
      for (const [key, value] of this.#values) {
        const { status, text } = await server.send('GET', `hit/values/${key}`);
        if (status !== 503 && text !== value) differing.push(`${key} is read as ${status} ${text.slice(0, 60)}`);
      }
    } catch {
      // Whether it may have ended is checked below.
    }
    for (let i = 0; i < 10; i++) if (!(await writeKey(server, tested, 'PUT', `after-${i}`, nextValue()))) break;
    for (const what of tested.wrong.splice(0)) this.#note(what);
    if (differing.length > (EDITABLE.includes(this.#hit.engine) ? 1 : 0)) this.#note(differing.join(', '));
    const beside = await server.send('PUT', 'bystander/values/other', { body: 'x' }).catch(() => undefined);
    if (beside !== undefined && beside.status >= 300) this.#note(`the others are not served: ${beside.text}`);
  }

  async #end(server: ServerProcess): Promise<void> {
    const { signal, code } = await server.kill();
    if (signal === 'SIGKILL') return;
    this.figures.ended += 1;
    const allowed = MAPPED[this.#hit.engine] ?? [];
    if (!allowed.includes(`${signal}`)) this.#note(`it ended with ${signal ?? code}: ${server.log.slice(-800)}`);
  }

  /** Starts a server on the damaged data, and returns the outcome. */
  async #look(file: string, { ledger }: TrackedProject): Promise<DamageOutcome> {
    const server = await ServerProcess.start(this.#folder);
    try {
      const beside = await server.send('PUT', 'bystander/values/other', { body: 'x' });
      if (beside.status >= 300) this.#note(`the others are not served: ${beside.text}`);
      const came = await this.#serves(server, file, ledger);
      this.figures[came] += 1;
      return came;
    } finally {
      await server.kill();
    }
  }

  async #serves(server: ServerProcess, file: string, ledger: Ledger): Promise<DamageOutcome> {
    // A list is cut off if a value in its middle turns out to be damaged.
    const all = await server.send('GET', 'hit/store').catch(() => undefined);
    if (all === undefined) {
      // The log of another process arrives later.
      for (let i = 0; i < 100 && !server.log.includes('cut off'); i++) await sleep(20);
      if (!server.log.includes('an answer was cut off')) this.#note('a list was cut off, and nothing is in the log');
      this.#refusal = `a list was cut off: ${server.log.slice(-800)}`;
      return 'refused';
    }
    const { status, json, text } = all;
    if (status === 503) {
      const isNamed = text.includes(file) || server.log.includes(file) || text.includes('authenticate');
      if (!isNamed) this.#note(`${text} does not name ${file}`);
      this.#refusal = `${text} ${server.log.slice(-800)}`;
      return 'refused';
    }
    const differing = status === 200 ? ledger.differences(valuesOf(json.data)) : [`${status} ${text}`];
    if (differing.length === 0) return 'served right';
    if (differing.length > 1 || !EDITABLE.includes(this.#hit.engine)) this.#note(differing.join(', '));
    return 'one entry differs';
  }

  /** Expects that the doctor finds what a server refuses. */
  async #examine(came: DamageOutcome): Promise<'well' | 'damaged'> {
    const { engine } = this.#hit;
    if (!DURABLE_ENGINES.some((known) => known === engine)) return 'well';
    const found = await this.#doctor(false);
    if (came === 'refused' && found.isWell)
      this.#note(`the doctor finds nothing: ${found.lines}, after ${this.#refusal}`);
    if (found.isWell) return 'well';
    if (!/^(problem|cure): project 'hit'/m.test(found.lines)) this.#note(`the doctor says only: ${found.lines}`);
    return 'damaged';
  }

  async #repair(): Promise<void> {
    if (!REPAIRABLE.includes(this.#hit.engine)) return;
    const { lines } = await this.#doctor(true);
    if (lines.includes('is missing')) return;
    const after = await this.#doctor(false);
    if (!after.isWell) this.#note(`not well after a repair: ${lines}\n${after.lines}`);
    await this.#servesRepaired(lines);
  }

  async #doctor(repair: boolean): Promise<{ isWell: boolean; lines: string }> {
    const lines: string[] = [];
    const isWell = await doctor('hit', { config: this.#folder.config, repair }, (line) => lines.push(line));
    return { isWell, lines: lines.join('\n') };
  }

  /** Expects that what is there is correct, and that the rest was listed as lost. */
  async #servesRepaired(lines: string): Promise<void> {
    const server = await ServerProcess.start(this.#folder);
    await server.ready();
    const { json } = await server.send('GET', 'hit/store');
    const found = valuesOf(json.data);
    const missing = [...this.#values.keys()].filter((key) => !found.has(key));
    const other = [...this.#values].filter(([key, value]) => found.has(key) && found.get(key) !== value);
    if (missing.length > 0 && !lines.includes('lost: ')) this.#note(`${missing} are lost, and not listed: ${lines}`);
    if (other.length > (this.#hit.encrypted ? 0 : 1)) this.#note(`${other} are not what they were after a repair`);
    this.figures.repaired += 1;
    await server.kill();
  }

  #note(what: string): void {
    this.wrong.push(`${this.#hit.engine}, a file that ${this.#what}: ${what}`);
  }

  /** The largest file that holds data of the project. */
  async #dataFile(): Promise<string> {
    const { data } = this.#folder;
    let largest = { path: '', size: -1 };
    for (const entry of await readdir(data, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const isData = entry.isFile() && path.slice(data.length).startsWith('/hit') && !/placement|lock/.test(path);
      const size = isData ? (await stat(path)).size : -1;
      if (size > largest.size) largest = { path, size };
    }
    return largest.path;
  }
}

function valuesOf(data: Readonly<Record<string, { value: unknown }>>): Map<string, string> {
  return new Map(Object.entries(data).map(([key, { value }]) => [key, String(value)]));
}

function contentOf(file: string): Promise<Buffer | undefined> {
  return readFile(file).catch(() => undefined);
}

function same(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}

async function flip(path: string, place: (size: number) => number): Promise<void> {
  const file = await open(path, 'r+');
  const at = place((await file.stat()).size);
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ 0x04]), 0, 1, at);
  await file.close();
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PortkvProcess } from '../harness/portkv-process.js';
import { textJournalLine } from '../harness/text-journal-line.js';

const bin = join(import.meta.dirname, '../../../bin/portkv.js');

/** The keys that the project holds. */
export const KEYS = ['a', 'b', 'c', 'd'];

/** The folder of a server with a few entries, new for each test, and the doctor for it. */
export class DoctorFixture {
  folder = '';
  systemKey = '';
  #key = '';
  #original = '';
  #server: PortkvProcess | undefined;

  /** Declares what happens before and after the tests of a suite. */
  static forTests(): DoctorFixture {
    const fixture = new DoctorFixture();
    before(() => fixture.#fill());
    beforeEach(async () => {
      fixture.folder = await mkdtemp(join(tmpdir(), 'portkv-'));
      await cp(fixture.#original, fixture.folder, { recursive: true, preserveTimestamps: true });
    });
    afterEach(async () => {
      await fixture.stop();
      await rm(fixture.folder, { recursive: true, force: true });
    });
    after(() => rm(fixture.#original, { recursive: true }));
    return fixture;
  }

  async #fill(): Promise<void> {
    this.folder = this.#original = await mkdtemp(join(tmpdir(), 'portkv-'));
    const address = await this.serve();
    this.#key = this.#server?.printed('PROJECT_KEY') ?? '';
    this.systemKey = this.#server?.printed('SYSTEM_KEY') ?? '';
    for (const name of KEYS) await this.call(address, `values/${name}`, { method: 'PUT', body: `value of ${name}` });
    await this.stop();
  }

  /** A path in the data folder. */
  file(name: string): string {
    return join(this.folder, 'storage_data', name);
  }

  get store(): string {
    return this.file('first_project_store.json');
  }

  get journal(): string {
    return this.file('first_project_store.journal');
  }

  /** Starts the server, and returns its address. */
  serve(): Promise<string> {
    this.#server = new PortkvProcess(this.folder);
    return this.#server.ready();
  }

  async stop(): Promise<void> {
    this.#server?.kill('SIGTERM');
    await this.#server?.end();
    this.#server = undefined;
  }

  /** Ends the server as a crash does. */
  async crash(): Promise<void> {
    this.#server?.kill('SIGKILL');
    await this.#server?.end();
    this.#server = undefined;
  }

  call(address: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { 'x-api-key': this.#key };
    return fetch(`${address}/api/v1/projects/first_project/${path}`, { ...init, headers });
  }

  async doctor(...args: string[]): Promise<{ code: number | null; out: string }> {
    const child = spawn(process.execPath, [bin, 'doctor', '--config', join(this.folder, 'config.json'), ...args]);
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += chunk));
    await once(child, 'close');
    return { code: child.exitCode, out };
  }

  /** The values that a server started now returns, by key; undefined for those that are missing. It goes on. */
  async served(names = KEYS): Promise<(string | undefined)[]> {
    const address = await this.serve();
    const answers = await Promise.all(names.map((name) => this.call(address, `values/${name}`)));
    return Promise.all(answers.map((answer) => (answer.ok ? answer.text() : undefined)));
  }

  /** The content of the files of the project. */
  async contents(): Promise<Record<string, string>> {
    const names = (await readdir(this.file(''))).filter((name) => name.startsWith('first_project'));
    const read = names.map(async (name) => [name, await readFile(this.file(name), 'latin1')] as const);
    return Object.fromEntries(await Promise.all(read));
  }

  /** A line of the journal. */
  line(name: string, value: string): Buffer {
    const times = { version: 2e15, createdAt: 1, updatedAt: 1 };
    const entry = { key: name, value: Buffer.from(value), contentType: 'text/plain', ...times };
    return textJournalLine([{ key: name, entry }]);
  }

  /** Moves the stopped project to an engine. */
  async moveTo(engine: string, more: object = {}): Promise<void> {
    const path = join(this.folder, 'config.json');
    const config = JSON.parse(await readFile(path, 'utf8'));
    config.projects[0].storage = { engine, ...more };
    await writeFile(path, JSON.stringify(config));
    await this.served();
    await this.stop();
  }
}

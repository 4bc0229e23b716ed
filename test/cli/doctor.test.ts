import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { journalLine } from '../../src/infrastructure/storage/engines/json-file/journal-line.js';
import { PortkvProcess } from '../harness/portkv-process.js';

const bin = join(import.meta.dirname, '../../../bin/portkv.js');
const KEYS = ['a', 'b', 'c', 'd'];

describe('portkv doctor', () => {
  let folder: string;
  let key: string;
  let server: PortkvProcess | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    const address = await serve();
    key = server?.printed('PROJECT_KEY') ?? '';
    for (const name of KEYS) await call(address, `values/${name}`, { method: 'PUT', body: `value of ${name}` });
  });
  afterEach(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });

  const file = (name: string) => join(folder, 'storage_data', name);
  const store = () => file('first_project_store.json');
  const journal = () => file('first_project_store.journal');

  function serve(): Promise<string> {
    server = new PortkvProcess(folder);
    return server.ready();
  }

  async function stop(): Promise<void> {
    server?.kill('SIGTERM');
    await server?.end();
    server = undefined;
  }

  function call(address: string, path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${address}/api/v1/projects/first_project/${path}`, { ...init, headers: { 'x-api-key': key } });
  }

  async function doctor(...args: string[]): Promise<{ code: number | null; out: string }> {
    const child = spawn(process.execPath, [bin, 'doctor', '--config', join(folder, 'config.json'), ...args]);
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += chunk));
    await once(child, 'close');
    return { code: child.exitCode, out };
  }

  /** The values that a server serves, by key; undefined where there is none. */
  async function served(names = KEYS): Promise<(string | undefined)[]> {
    const address = await serve();
    const answers = await Promise.all(names.map((name) => call(address, `values/${name}`)));
    return Promise.all(answers.map((answer) => (answer.ok ? answer.text() : undefined)));
  }

  async function contents(): Promise<Record<string, string>> {
    const names = (await readdir(file(''))).filter((name) => name.startsWith('first_project'));
    const read = names.map(async (name) => [name, await readFile(file(name), 'latin1')] as const);
    return Object.fromEntries(await Promise.all(read));
  }

  /** A line as the journal has it. */
  function line(name: string, value: string): Buffer {
    const times = { version: 2e15, createdAt: 1, updatedAt: 1 };
    const entry = { key: name, value: Buffer.from(value), contentType: 'text/plain', ...times };
    return Buffer.concat(journalLine([{ key: name, entry }]));
  }

  it('finds nothing where all is well', async () => {
    await stop();
    const { code, out } = await doctor();
    expect(out).to.contain('4 entries').and.to.contain('All is well');
    expect(code).to.equal(0);
  });

  it('leaves a folder in use alone, with exit code 3', async () => {
    const { code, out } = await doctor('--repair');
    expect(out).to.contain('in use by process');
    expect(code).to.equal(3);
  });

  it('names a configuration that does not hold, with exit code 2', async () => {
    await stop();
    await writeFile(join(folder, 'config.json'), '{"server_port": "x"}');
    const { code, out } = await doctor();
    expect(out).to.contain('server_port');
    expect(code).to.equal(2);
  });

  it('names files that others can get at', async () => {
    await stop();
    await chmod(store(), 0o644);
    const { code, out } = await doctor();
    expect(out).to.contain(`${store()} (644)`);
    expect(code).to.equal(1);
  });

  it('changes nothing without --repair, not even the unfinished last line of a journal', async () => {
    await stop();
    await writeFile(journal(), Buffer.concat([line('e', 'new'), Buffer.from('0123')]), { mode: 0o600 });
    const before = await contents();
    expect((await doctor()).code).to.equal(0);
    await writeFile(store(), (await readFile(store())).subarray(0, -40));
    const damaged = await contents();
    const { code, out } = await doctor();
    expect(out).to.contain(store()).and.to.contain('--repair');
    expect(code).to.equal(1);
    expect(await contents()).to.deep.equal(damaged);
    expect(damaged).not.to.deep.equal(before);
  });

  it('recovers what stands before the end of a file that was cut off', async () => {
    await stop();
    const whole = await readFile(store());
    const cut = whole.subarray(0, whole.indexOf('"d"') + 30);
    await writeFile(store(), cut);
    const { code, out } = await doctor('--repair');
    expect(code).to.equal(1);
    expect(out)
      .to.match(/lost: .*\(key "d"\)/)
      .and.to.contain('3 entries');
    await expectKept(cut);
    expect((await doctor()).code).to.equal(0);
    expect(await served()).to.deep.equal(['value of a', 'value of b', 'value of c', undefined]);
  });

  it('recovers what stands around garbage in an entry', async () => {
    await stop();
    const bytes = await readFile(store());
    bytes.fill(0xff, bytes.indexOf('"b"') + 20, bytes.indexOf('"b"') + 60);
    await writeFile(store(), bytes);
    expect((await doctor()).code).to.equal(1);
    const { out } = await doctor('--repair');
    expect(out)
      .to.match(/lost: .*\(key "b"\)/)
      .and.to.contain('3 entries');
    await expectKept(bytes);
    expect(await served()).to.deep.equal(['value of a', undefined, 'value of c', 'value of d']);
  });

  it('recovers the lines of a journal behind one that is damaged', async () => {
    await stop();
    const bad = line('b', 'lost');
    bad[20] = 0x21;
    await writeFile(journal(), Buffer.concat([line('a', 'first'), bad, line('c', 'last')]), { mode: 0o600 });
    expect((await doctor()).out).to.contain('wrong checksum in line 2');
    const { out } = await doctor('--repair');
    expect(out).to.match(/lost: .*journal: line 2/);
    expect(await served()).to.deep.equal(['first', 'value of b', 'last', 'value of d']);
  });

  it('makes no store of a journal alone', async () => {
    await stop();
    await rm(store());
    await writeFile(journal(), line('a', 'first'), { mode: 0o600 });
    const before = await contents();
    expect((await doctor()).out)
      .to.contain('put back a copy')
      .and.not.to.contain('--repair');
    const { code, out } = await doctor('--repair');
    expect(out).to.contain('is missing');
    expect(code).to.equal(1);
    expect(await contents()).to.deep.equal(before);
  });

  it('and the server know that files are there whose placement is lost', async () => {
    await stop();
    await setEngine('lmdb');
    await served();
    await stop();
    await rm(file('first_project.placement.json'));
    const { code, out } = await doctor();
    expect(out).to.contain('first_project.2.lmdb').and.to.contain('no placement says what it is');
    expect(code).to.equal(1);
    const answer = await call(await serve(), 'values/a');
    expect(answer.status).to.equal(503);
    expect(await answer.text()).to.contain('first_project.placement.json');
    await stop();
    expect(await readdir(file(''))).not.to.include('first_project.placement.json');
  });

  it('names an lmdb file with a flipped page, and does not repair it', async () => {
    await stop();
    await setEngine('lmdb');
    await served();
    await stop();
    const name = (await readdir(file(''))).find((one) => one.endsWith('.lmdb')) ?? '';
    const path = join(file(name), 'data.mdb');
    expect((await doctor()).out).to.contain('lmdb: every page');
    const bytes = await readFile(path);
    const at = bytes.lastIndexOf('value of c');
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    for (let i = bytes.indexOf('value of c'); i >= 0; i = bytes.indexOf('value of c', i)) bytes[i] = 0;
    await writeFile(path, bytes);
    const { code, out } = await doctor('--repair');
    expect(out).to.contain(`${path}: `).and.to.contain('restore a snapshot');
    expect(code).to.equal(1);
    expect((await readFile(path)).equals(bytes)).to.equal(true);
  });

  it('advises what works: a snapshot of a project that cannot be opened is restored into another', async () => {
    const headers = { 'x-api-key': server?.printed('SYSTEM_KEY') ?? '', 'content-type': 'application/json' };
    const ask = async (path: string, body: object) => {
      const answer = await fetch(`${await server?.ready()}/api/v1/projects${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      return ((await answer.json()) as { data: Record<string, string> }).data;
    };
    const { id } = await ask('/first_project/snapshots', {});
    await stop();
    await writeFile(store(), '{');
    expect((await doctor()).out).to.contain('restore a snapshot into another project');
    expect(await served(['a'])).to.deep.equal([undefined]);
    const { new_api_key } = await ask('', { id: 'another' });
    await ask(`/first_project/snapshots/${id}/restore`, { into: 'another' });
    const address = await server?.ready();
    const found = await fetch(`${address}/api/v1/projects/another/values/a`, {
      headers: { 'x-api-key': `${new_api_key}` },
    });
    expect(await found.text()).to.equal('value of a');
  });

  it('names the file of a directory that cannot be read', async () => {
    await stop();
    await setEngine('directory');
    await served();
    await stop();
    const inner = (await readdir(file(''), { withFileTypes: true })).find(
      (one) => one.isDirectory() && one.name.startsWith('first_project'),
    );
    const [name = ''] = (await readdir(file(inner?.name ?? ''))).filter((one) => one.endsWith('.json'));
    await writeFile(join(file(inner?.name ?? ''), name), '{');
    const { code, out } = await doctor();
    expect(out).to.contain(join(inner?.name ?? '?', name));
    expect(code).to.equal(1);
    const repaired = await doctor('--repair');
    expect(repaired.out)
      .to.match(new RegExp(`lost: .*${name}`))
      .and.to.match(/kept: .*\.damaged-/)
      .and.to.contain('3 entries');
    expect((await doctor()).code).to.equal(0);
    const [kept = ''] = (await readdir(file(''))).filter((one) => one.includes('.damaged-'));
    expect(await readFile(join(file(kept), name), 'utf8')).to.equal('{');
    expect((await served()).filter((value) => value !== undefined)).to.have.length(3);
  });

  it('takes a commit that cannot be finished out of a directory', async () => {
    await stop();
    await setEngine('directory');
    await served();
    await stop();
    const inner = (await readdir(file(''))).find((one) => one.startsWith('first_project.2')) ?? '';
    const intent = join(file(inner), '.portkv', 'intent.json');
    await writeFile(intent, '{"a": ', { mode: 0o600 });
    expect((await doctor()).out).to.contain(intent);
    expect((await doctor('--repair')).out).to.match(/lost: .*intent\.json/);
    expect((await doctor()).code).to.equal(0);
    expect(await served()).to.deep.equal(KEYS.map((name) => `value of ${name}`));
  });

  it('looks into encrypted values, and leaves out those that are damaged', async () => {
    await stop();
    await writeFile(join(folder, 'test.keys'), Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 });
    await setEngine('json-file', { encryption: { key_file: 'test.keys' } });
    await served();
    await stop();
    const name = (await readdir(file(''))).find((one) => one.startsWith('first_project.2_store.json')) ?? '';
    const text = await readFile(file(name), 'utf8');
    const at = text.indexOf('"value": "', text.indexOf('"b"')) + 70;
    await writeFile(file(name), `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`);
    const { code, out } = await doctor();
    expect(out).to.contain('authenticate');
    expect(code).to.equal(1);
    expect((await doctor('--repair')).out).to.match(/lost: .*key "b"/);
    expect(await served()).to.deep.equal(['value of a', undefined, 'value of c', 'value of d']);
  });

  async function setEngine(engine: string, more: object = {}): Promise<void> {
    const path = join(folder, 'config.json');
    const config = JSON.parse(await readFile(path, 'utf8'));
    config.projects[0].storage = { engine, ...more };
    await writeFile(path, JSON.stringify(config));
  }

  async function expectKept(bytes: Buffer): Promise<void> {
    const name = (await readdir(file(''))).find((one) => one.startsWith('first_project_store.json.damaged-')) ?? '';
    expect((await readFile(file(name))).equals(bytes)).to.equal(true);
  }
});

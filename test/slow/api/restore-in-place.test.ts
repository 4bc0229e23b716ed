import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  DAMAGES,
  type Damage,
  dataPath,
  ENTRY_DAMAGES,
  filesOf,
  PLACEMENT_DAMAGES,
} from '../../harness/store-damage.js';
import { TestProject } from '../../harness/test-project.js';
import { TestServer } from '../../harness/test-server.js';

describe('A project whose data is damaged or missing', () => {
  let server: TestServer;
  let folder: string;
  let count = 0;

  before(async () => {
    server = await TestServer.start();
    folder = join(server.folder, 'storage_data');
  });
  after(() => server.stop());

  for (const [engine, damages] of Object.entries(DAMAGES)) {
    for (const [what, damage] of Object.entries(damages)) {
      it(`of engine ${engine}, by ${what}, takes a snapshot under its own name`, async () => {
        const { project, snapshot, version } = await filled({ engine });
        await damageStopped(project, damage);
        const before = await filesOf(folder, project.id);
        await expectUnreadable(project);
        const { data } = (await project.send('POST', `snapshots/${snapshot}/restore`)).json;
        expect(data).to.include({ count: 2, removed: null });
        await expectServed(project, { a: 'first', b: 'second' });
        await expectKept(project, before, data.kept ?? []);
        expect((await project.get('a')).headers.etag).not.to.equal(version);
        await server.restart();
        await expectServed(project, { a: 'first', b: 'second' });
        expect(await filesOf(folder, project.id)).to.include.members(data.kept ?? []);
        expect((await project.send('GET', 'snapshots')).json.data).to.have.length(1);
      });
    }
  }

  for (const [what, damage] of Object.entries(PLACEMENT_DAMAGES)) {
    it(`by ${what}, takes a snapshot, and all files that may be its own are put aside`, async () => {
      const { project, snapshot } = await filled({ engine: 'json-file' });
      await project.send('POST', `snapshots/${snapshot}/restore`);
      await project.put('later', 'x');
      const issued = (await project.get('later')).headers.etag ?? '';
      await damageStopped(project, damage);
      await expectUnreadable(project);
      const { data } = (await project.send('POST', `snapshots/${snapshot}/restore`)).json;
      expect(data.kept.join()).to.contain(`${project.id}.2_store.json.damaged-`);
      await expectServed(project, { a: 'first', b: 'second', later: undefined });
      expect(await filesOf(folder, project.id)).to.include.members(data.kept);
      expect(versionOf((await project.get('a')).headers.etag)).to.be.above(versionOf(issued));
      await server.restart();
      await expectServed(project, { a: 'first', b: 'second' });
    });
  }

  for (const engine of Object.keys(DAMAGES).filter((name) => name !== 'memory')) {
    it(`of engine ${engine} takes an import that replaces`, async () => {
      const { project, content } = await filled({ engine });
      await damageStopped(project, firstOf(DAMAGES[engine as 'lmdb']));
      const dry = await project.send('POST', 'import?mode=replace&dry_run=true', { body: content });
      expect(dry.json.data).to.deep.equal({ count: 2, put: 2, unchanged: 0, expired: 0 });
      await expectUnreadable(project);
      const { status, json } = await project.send('POST', 'import?mode=replace', { body: content });
      expect(status).to.equal(200);
      expect(json.data.kept).to.have.length(1);
      await expectServed(project, { a: 'first', b: 'second' });
    });

    it(`of engine ${engine} is emptied`, async () => {
      const { project } = await filled({ engine });
      await damageStopped(project, firstOf(DAMAGES[engine as 'lmdb']));
      const { status, json } = await project.send('DELETE', 'store');
      expect(status).to.equal(200);
      expect(json.data.kept).to.have.length(1);
      await expectServed(project, { a: undefined });
      expect((await project.put('a', 'new')).status).to.equal(201);
    });

    it(`of engine ${engine} goes back to the engine before, whatever was written since`, async () => {
      const { project } = await filled({ engine: 'json-file' });
      const to = engine === 'json-file' ? { engine, encryption: { key_file: 'any.keys' } } : { engine };
      await writeFile(join(server.folder, 'any.keys'), Buffer.alloc(32, 9).toString('base64'), { mode: 0o600 });
      const body = JSON.stringify({ storage: to });
      const moved = await server.call('PUT', project.id, { key: server.systemKey, body });
      const { id } = moved.json.data;
      await moveEnded(project, id);
      await project.put('c', 'third');
      await damageStopped(project, firstOf(DAMAGES[engine as 'lmdb']));
      await expectUnreadable(project);
      const { status, json } = await project.send('POST', `migrations/${id}/rollback`);
      expect(status).to.equal(200);
      expect(json.data).to.include({ rolled_back: true });
      expect(json.data.kept).to.have.length(1);
      await expectServed(project, { a: 'first', b: 'second', c: undefined });
      expect((await server.call('GET', project.id, { key: project.key })).json.data.storage.engine).to.equal(
        'json-file',
      );
      await server.restart();
      await expectServed(project, { a: 'first', b: 'second' });
    });

    it(`of engine ${engine} is as before if the export is wrong`, async () => {
      const { project, content, snapshot } = await filled({ engine });
      await damageStopped(project, firstOf(DAMAGES[engine as 'lmdb']));
      const before = await filesOf(folder, project.id);
      const cut = await project.send('POST', 'import?mode=replace', { body: content.slice(0, -40) });
      expect(cut.status).to.equal(400);
      expect(await filesOf(folder, project.id)).to.deep.equal(before);
      await expectUnreadable(project);
      expect((await project.send('POST', `snapshots/${snapshot}/restore`)).status).to.equal(200);
    });

    it(`of engine ${engine} is not replaced by force if its files are back`, async () => {
      const { project, snapshot } = await filled({ engine });
      await server.restart(async () => {
        const path = await dataPath(folder, project.id);
        await rename(path, `${path}.away`);
      });
      await expectUnreadable(project);
      const path = await dataPath(folder, project.id);
      await rename(`${path}.away`, path);
      const { json } = await project.send('POST', `snapshots/${snapshot}/restore`);
      expect(json.data).to.deep.equal({ count: 2, expired: 0, removed: 0 });
      await expectServed(project, { a: 'first', b: 'second' });
    });
  }

  for (const [engine, damage] of Object.entries(ENTRY_DAMAGES)) {
    it(`of engine ${engine} that can be opened, except for an entry, takes a snapshot as well`, async () => {
      const { project, snapshot } = await filled({ engine });
      await server.restart(async () => damage(await dataPath(folder, project.id), 'first'));
      const broken = await project.get('a');
      expect(broken.status).to.equal(503);
      const { status, json } = await project.send('POST', `snapshots/${snapshot}/restore`);
      expect(status, JSON.stringify(json)).to.equal(200);
      expect(json.data.kept).to.have.length(1);
      await expectServed(project, { a: 'first', b: 'second' });
      await server.restart();
      await expectServed(project, { a: 'first', b: 'second' });
      expect(await filesOf(folder, project.id)).to.include.members(json.data.kept);
    });
  }

  it('keeps its files where they are if only its key is missing', async () => {
    const keys = join(server.folder, 'lost.keys');
    await writeFile(keys, Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 });
    const { project, content } = await filled({ engine: 'json-file', encryption: { key_file: 'lost.keys' } });
    await server.restart(() => writeFile(keys, Buffer.alloc(32, 8).toString('base64')));
    const before = await filesOf(folder, project.id);
    const { status, text } = await project.send('POST', 'import?mode=replace', { body: content });
    expect(status).to.equal(503);
    expect(text).to.contain('needs the encryption key');
    expect((await project.send('DELETE', 'store')).status).to.equal(503);
    expect(await filesOf(folder, project.id)).to.deep.equal(before);
    await server.restart(() => writeFile(keys, Buffer.alloc(32, 7).toString('base64')));
    await expectServed(project, { a: 'first', b: 'second' });
  });

  it('is not changed by what does not replace all of it', async () => {
    const { project, content } = await filled({ engine: 'json-file' });
    await damageStopped(project, firstOf(DAMAGES['json-file']));
    const before = await filesOf(folder, project.id);
    const requests = [
      ['DELETE', 'store?prefix=a', ''],
      ['DELETE', 'store?dry_run=true', ''],
      ['POST', 'import', content],
      ['POST', 'snapshots', ''],
      ['PUT', 'values/a', 'new'],
    ] as const;
    for (const [method, path, body] of requests) {
      expect((await project.send(method, path, { body })).status, path).to.equal(503);
    }
    expect(await filesOf(folder, project.id)).to.deep.equal(before);
  });

  it('names its files to those who may administrate it only', async () => {
    const { project } = await filled({ engine: 'json-file' });
    const made = await server.call('POST', `${project.id}/api-keys`, {
      key: project.key,
      body: JSON.stringify({ name: 'k', scopes: ['delete'] }),
    });
    expect(made.status, made.text).to.equal(201);
    await damageStopped(project, firstOf(DAMAGES['json-file']));
    const other = new TestProject(server, project.id, made.json.data.key);
    const { status, json } = await other.send('DELETE', 'store');
    expect(status).to.equal(200);
    expect(json.data).to.equal(null);
  });

  it('is deleted with its snapshots only if that is asked for', async () => {
    const { project } = await filled({ engine: 'json-file' });
    await damageStopped(project, firstOf(DAMAGES['json-file']));
    const refused = await server.call('DELETE', project.id, { key: server.systemKey });
    expect(refused.status).to.equal(409);
    expect(refused.text).to.contain('a snapshot').and.to.contain('force=true');
    expect((await project.send('GET', 'snapshots')).json.data).to.have.length(1);
    expect((await server.call('DELETE', `${project.id}?force=true`, { key: server.systemKey })).status).to.equal(200);
    expect((await server.call('GET', project.id, { key: server.systemKey })).status).to.equal(404);
  });

  for (const [what, damage] of Object.entries(PLACEMENT_DAMAGES)) {
    it(`by ${what}, is deleted with its snapshots only if that is asked for`, async () => {
      const { project, snapshot } = await filled({ engine: 'json-file' });
      await project.send('POST', `snapshots/${snapshot}/restore`);
      await damageStopped(project, damage);
      const key = server.systemKey;
      expect((await server.call('DELETE', project.id, { key })).status).to.equal(409);
      expect((await server.call('DELETE', `${project.id}?force=true`, { key })).status).to.equal(200);
      expect((await server.call('GET', project.id, { key })).status).to.equal(404);
      const again = { key, body: JSON.stringify({ id: project.id }) };
      expect((await server.call('POST', '/api/v1/projects', again)).status, 'its files are still there').to.equal(409);
      expect((await server.call('POST', '/api/v1/projects?existing=move-aside', again)).status).to.equal(201);
      expect((await server.call('GET', `${project.id}/snapshots`, { key })).json.data).to.deep.equal([]);
    });
  }

  it('has its files put aside by the next start if a crash came before that', async () => {
    const { project, snapshot } = await filled({ engine: 'lmdb' });
    await damageStopped(project, firstOf(DAMAGES.lmdb));
    const [kept] = (await project.send('POST', `snapshots/${snapshot}/restore`)).json.data.kept;
    const file = `${project.id}.lmdb`;
    await server.restart(async () => {
      await rename(join(folder, kept), join(folder, file));
      const path = join(folder, `${project.id}.placement.json`);
      const placement = JSON.parse(await readFile(path, 'utf8'));
      await writeFile(path, JSON.stringify({ ...placement, damaged: [{ file, kept }] }));
    });
    await expectServed(project, { a: 'first', b: 'second' });
    expect(await filesOf(folder, project.id))
      .to.include(kept)
      .and.not.include(file);
    expect(await readFile(join(folder, `${project.id}.placement.json`), 'utf8')).not.to.contain('damaged');
  });

  it('that is lost while the server runs takes a snapshot as well, and its readers have to load again', async () => {
    const { project, snapshot } = await filled({ engine: 'lmdb' });
    const { since } = (await project.send('GET', 'changes?wait=0')).json.data;
    await rm(join(folder, `${project.id}.lmdb`), { recursive: true });
    expect((await project.put('c', 'third')).status).to.equal(503);
    const { status, json } = await project.send('POST', `snapshots/${snapshot}/restore`);
    expect(status, JSON.stringify(json)).to.equal(200);
    await expectServed(project, { a: 'first', b: 'second', c: undefined });
    expect((await project.put('c', 'third')).status).to.equal(201);
    const missed = (await project.send('GET', `changes?since=${since}`)).json.data;
    expect(missed).to.include({ resync: true });
    await project.put('d', 'fourth');
    const { changes } = (await project.send('GET', `changes?since=${missed.since}`)).json.data;
    expect(changes.map((change: { key: string }) => change.key)).to.deep.equal(['d']);
  });

  it('is as before if there is no room for the new content', async () => {
    const { project, snapshot } = await filled({ engine: 'json-file' });
    await damageStopped(project, firstOf(DAMAGES['json-file']));
    const before = await filesOf(folder, project.id);
    await server.configure({ min_free_bytes: Number.MAX_SAFE_INTEGER });
    const { status } = await project.send('POST', `snapshots/${snapshot}/restore`);
    expect(status).to.equal(507);
    expect(await filesOf(folder, project.id)).to.deep.equal(before);
    await expectUnreadable(project);
    await server.configure({ min_free_bytes: 0 });
    expect((await project.send('POST', `snapshots/${snapshot}/restore`)).status).to.equal(200);
  });

  it('is replaced once at a time', async () => {
    const { project, snapshot } = await filled({ engine: 'json-file' });
    await damageStopped(project, firstOf(DAMAGES['json-file']));
    const path = `snapshots/${snapshot}/restore`;
    const all = await Promise.all([1, 2, 3].map(() => project.send('POST', path)));
    expect(all.map(({ status }) => status)).to.include(200);
    expect(all.every(({ status }) => status === 200 || status === 409)).to.equal(true);
    await expectServed(project, { a: 'first', b: 'second' });
  });

  async function filled(storage: object) {
    count += 1;
    const id = `p${count}`;
    const project = new TestProject(server, id, await server.project(id, { storage }));
    await project.put('a', 'first');
    await project.put('b', 'second');
    const version = (await project.get('a')).headers.etag;
    const snapshot: string = (await project.send('POST', 'snapshots')).json.data.id;
    const content = (await project.send('GET', 'export')).text;
    return { project, version, snapshot, content };
  }

  async function damageStopped(project: TestProject, damage: Damage): Promise<void> {
    await server.restart(() => damage(folder, project.id));
  }

  async function expectUnreadable(project: TestProject): Promise<void> {
    const { status, text } = await project.get('a');
    expect(status).to.equal(503);
    expect(text).to.match(/[Rr]estore a snapshot/);
    const ready = await server.call('GET', '/readyz');
    expect(ready.text).to.contain(project.id);
  }

  async function expectServed(project: TestProject, values: Record<string, string | undefined>): Promise<void> {
    for (const [key, value] of Object.entries(values)) {
      const { status, text } = await project.get(key);
      expect(status === 200 ? text : status, key).to.equal(value ?? 404);
    }
    expect((await server.call('GET', '/readyz')).text).not.to.contain(`"${project.id}"`);
  }

  /** The project's files from before are there under the names that were reported. */
  async function expectKept(project: TestProject, before: readonly string[], kept: readonly string[]): Promise<void> {
    const damaged = before.filter((name) => !name.includes('.placement.json'));
    expect(kept.map((name) => name.replace(/\.damaged-.*/, ''))).to.deep.equal(damaged);
    const now = await filesOf(folder, project.id);
    expect(now).to.include.members([...kept]);
    expect(now.filter((name) => damaged.includes(name))).to.deep.equal([]);
  }
});

async function moveEnded(project: TestProject, id: string): Promise<void> {
  while ((await project.send('GET', `migrations/${id}`)).json.data.state === 'copying') await null;
}

function firstOf(damages: Readonly<Record<string, Damage>>): Damage {
  return Object.values(damages)[0] as Damage;
}

function versionOf(etag = ''): number {
  return Number.parseInt(etag.replaceAll('"', ''), 36);
}

import { execFileSync, spawnSync } from 'node:child_process';
import { appendFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { PortkvProcess } from '../harness/portkv-process.js';
import { type OddFolder, oddFolder, type Peculiarities } from './harness/fuse/odd-folder.js';
import { DURABLE_PROJECTS, ServerFolder } from './harness/server-folder.js';

const DIRECTORIES = DURABLE_PROJECTS.filter(({ engine }) => engine === 'directory');

describe('What file systems cannot do', () => {
  let undo: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
    undo = [];
  });

  /** A new folder with these peculiarities; skips the test if it cannot be mounted. */
  async function mounted(test: Mocha.Context, odd: Peculiarities): Promise<OddFolder> {
    const folder = await oddFolder(odd);
    if (folder === undefined) return test.skip();
    undo.push(() => folder.remove());
    return folder;
  }

  async function ordinary(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  /** A server that is stopped after the test, or by calling `end`. */
  async function serve(folder: string) {
    const server = new PortkvProcess(folder);
    const end = async () => {
      server.kill('SIGTERM');
      await server.end();
    };
    undo.push(end);
    const address = await server.ready();
    const call = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
      fetch(`${address}/api/v1/projects/${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
    return { server, end, call };
  }

  async function refusal(folder: string): Promise<{ code: unknown; stderr: string }> {
    const server = new PortkvProcess(folder);
    const code = await server.end();
    return { code, stderr: server.stderr };
  }

  for (const code of ['EINVAL', 'ENOTSUP'] as const) {
    it(`starts for the first time, and warns once, where syncing a folder fails with ${code}`, async function () {
      const { path } = await mounted(this, { syncFolder: code });
      const { server, end } = await serve(path);
      expect(server.printed('SYSTEM_KEY')).not.to.equal('');
      expect(server.stderr.match(/cannot sync folders/g)).to.have.length(1);
      await end();
      await (await serve(path)).end();
    });
  }

  it('does not start, and says why in a line, where syncing a folder fails with EIO', async function () {
    const { path } = await mounted(this, { syncFolder: 'EIO' });
    const { code, stderr } = await refusal(path);
    expect(code).to.equal(1);
    expect(stderr)
      .to.match(/EIO/)
      .and.not.to.match(/\n\s+at /);
  });

  it('does not start without locks, and says in a line what to do', async function () {
    const { path } = await mounted(this, { locks: 'ENOLCK' });
    const { code, stderr } = await refusal(path);
    expect(code).to.equal(1);
    expect(stderr.trim().split('\n')).to.have.length(1);
    expect(stderr).to.match(/keeps no locks \(ENOLCK\); use a folder on a local disk/);
  });

  it('asks the shared folder of a directory on its own, and refuses the project without locks', async function () {
    const odd = { maxName: 143, syncFolder: 'EINVAL' } as const;
    const [short, lockless] = [await mounted(this, odd), await mounted(this, { locks: 'ENOLCK' })];
    const subject = (id: string, path: string) => ({
      ...{ id, engine: 'directory', durable: true, encrypted: false },
      options: { path },
    });
    const folder = await ServerFolder.make([subject('short', short.path), subject('lockless', lockless.path)]);
    undo.push(() => folder.remove());
    const { server, call } = await serve(folder.path);
    expect((await call('PUT', `short/values/${'k'.repeat(200)}`, '1')).status).to.equal(201);
    const refused = await call('PUT', 'lockless/values/a', '1');
    expect(refused.status).to.equal(503);
    expect(await refused.text()).to.match(/keeps no locks \(ENOLCK\)/);
    expect(server.stderr.match(/cannot sync folders/g)).to.have.length(1);
  });

  it('serves keys of every length where names have 143 bytes, and in a copy elsewhere', async function () {
    const { path } = await mounted(this, { maxName: 143 });
    const folder = await ServerFolder.make(DIRECTORIES, {}, path);
    const keys = [1, 65, 66, 138, 139, 200, 201, 512].map((length) => 'k'.repeat(length));
    const { end, call } = await serve(folder.path);
    const tags = new Map<string, string | null>();
    for (const { id } of DIRECTORIES) {
      for (const key of keys) {
        expect((await call('GET', `${id}/values/${key}`)).status).to.equal(404);
        const put = await call('PUT', `${id}/values/${key}`, key);
        expect(put.status, `${await put.text()} ${key.length}`).to.equal(201);
        tags.set(`${id}/${key}`, put.headers.get('etag'));
      }
    }
    await end();
    const elsewhere = join(await ordinary(), 'moved');
    await cp(folder.path, elsewhere, { recursive: true });
    const moved = await serve(elsewhere);
    for (const { id } of DIRECTORIES) {
      for (const key of keys) {
        const got = await moved.call('GET', `${id}/values/${key}`);
        expect([got.status, await got.text(), got.headers.get('etag')]).to.deep.equal([
          200,
          key,
          tags.get(`${id}/${key}`),
        ]);
        expect((await moved.call('PUT', `${id}/values/${key}`, 'new')).status).to.equal(204);
      }
      expect((await readdir(join(elsewhere, 'storage_data', id))).filter((it) => it.endsWith('.json'))).to.have.length(
        keys.length,
      );
      for (const key of keys) expect((await moved.call('DELETE', `${id}/values/${key}`)).status).to.equal(204);
    }
  });

  it('refuses a key for good whose name no file can have, and serves the others', async function () {
    const { path } = await mounted(this, { maxName: 60 });
    const folder = await ServerFolder.make(DIRECTORIES.slice(0, 1), {}, path);
    const { call } = await serve(folder.path);
    const long = await call('PUT', `directory/values/${'k'.repeat(56)}`, 'x');
    expect([long.status, long.headers.get('retry-after')]).to.deep.equal([507, null]);
    expect(await long.text()).to.match(/too long for the file system/);
    expect((await call('GET', `directory/values/${'k'.repeat(56)}`)).status).to.equal(404);
    expect((await call('PUT', `directory/values/${'k'.repeat(55)}`, 'x')).status).to.equal(201);
  });

  it('gives every write and every change by hand its own ETag where times have whole seconds', async function () {
    const { path } = await mounted(this, { timeResolution: 2_000_000_000 });
    const folder = await ServerFolder.make(DIRECTORIES.slice(0, 1), {}, path);
    const { call } = await serve(folder.path);
    const tags: (string | null)[] = [];
    const file = join(folder.path, 'storage_data', 'directory', 'a.json');
    for (const value of ['1', '2', '3', '4']) {
      const put = await call(
        'PUT',
        'directory/values/a',
        value,
        tags.length > 0 ? { 'if-match': tags.at(-1) ?? '' } : {},
      );
      expect(put.status).to.be.oneOf([201, 204]);
      tags.push(put.headers.get('etag'));
      expect((await call('GET', 'directory/values/a')).headers.get('etag')).to.equal(tags.at(-1));
    }
    for (const value of ['5', '6', '7']) {
      await writeFile(file, (await readFile(file, 'utf8')).replace(/"value": \d/, `"value": ${value}`));
      const got = await call('GET', 'directory/values/a');
      expect(await got.text()).to.equal(value);
      tags.push(got.headers.get('etag'));
    }
    expect(new Set(tags).size).to.equal(tags.length);
  });

  it('reads what a person saved in other letters where case is ignored', async function () {
    const { path } = await mounted(this, { ignoreCase: true });
    const folder = await ServerFolder.make(DIRECTORIES.slice(0, 1), {}, path);
    const { call } = await serve(folder.path);
    for (const key of ['team', 'Team', 'TEAM']) await call('PUT', `directory/values/${key}`, key);
    for (const key of ['team', 'Team', 'TEAM'])
      expect(await (await call('GET', `directory/values/${key}`)).text()).to.equal(key);
    await writeFile(join(folder.path, 'storage_data', 'directory', 'Greeting.JSON'), '{"greeting": {"value": 5}}');
    expect(await (await call('GET', 'directory/values/greeting')).text()).to.equal('5');
    const { data } = (await (await call('GET', 'directory/store')).json()) as { data: { keys?: unknown[] } };
    expect(JSON.stringify(data)).to.match(/greeting/);
    expect((await call('GET', 'directory/export')).status).to.equal(200);
  });

  it('changes the engine where the file system does not say how much room it has', async function () {
    const { path } = await mounted(this, { noSize: true });
    const folder = await ServerFolder.make(DIRECTORIES.slice(0, 1), { min_free_bytes: 1_000_000 }, path);
    const { call } = await serve(folder.path);
    expect((await call('PUT', 'directory/values/a', '1')).status).to.equal(201);
    const moved = await call('PUT', 'directory', '{"storage":{"engine":"json-file"}}');
    expect(moved.status, await moved.text()).to.be.oneOf([200, 202]);
  });

  for (const [what, copy] of Object.entries({
    'touch, which loses times': (from: string, to: string) => shell(`cp -rp ${from} ${to} && find ${to} | xargs touch`),
    'tar, which keeps seconds': (from: string, to: string) =>
      shell(`mkdir ${to} && tar -C ${from} --format=gnu -czf - . | tar -C ${to} -xzf -`),
    'cp -r, which keeps no times': (from: string, to: string) => shell(`cp -r ${from} ${to}`),
  })) {
    it(`keeps values, ETags and times in a copy by ${what}`, async () => {
      const folder = await ServerFolder.make(DIRECTORIES);
      undo.push(() => rm(folder.path, { recursive: true, force: true }));
      const { end, call } = await serve(folder.path);
      const stored = new Map<string, unknown>();
      const seen = async (request: typeof call, path: string) => {
        const got = await request('GET', path);
        return [
          got.status,
          await got.text(),
          ...['etag', 'last-modified', 'kv-created'].map((it) => got.headers.get(it)),
        ];
      };
      for (const { id } of DIRECTORIES) {
        for (const key of ['a', 'b', 'c']) await call('PUT', `${id}/values/${key}`, `{"of": "${key}"}`);
        for (const key of ['a', 'b', 'c']) stored.set(`${id}/values/${key}`, await seen(call, `${id}/values/${key}`));
      }
      await end();
      const to = join(await ordinary(), 'copy');
      copy(folder.path, to);
      const again = await serve(to);
      for (const [path, before] of stored) expect(await seen(again.call, path)).to.deep.equal(before);
    });
  }

  it('reads encrypted values without a checksum from touched files, and names the times of a changed one', async () => {
    const folder = await ServerFolder.make(DIRECTORIES);
    undo.push(() => rm(folder.path, { recursive: true, force: true }));
    const { end, call } = await serve(folder.path);
    for (const key of ['a', 'b']) await call('PUT', `directory-encrypted/values/${key}`, key);
    const before = (await call('GET', 'directory-encrypted/values/a')).headers.get('etag');
    await end();
    const file = (key: string) => join(folder.path, 'storage_data', 'directory-encrypted', `${key}.json`);
    for (const key of ['a', 'b']) {
      const text = (await readFile(file(key), 'utf8')).replace(/, "crc32": "\w+"/, '');
      await writeFile(file(key), key === 'a' ? text : text.replace(/"value": "(..)../, '"value": "$1AA'));
    }
    const again = await serve(folder.path);
    const got = await again.call('GET', 'directory-encrypted/values/a');
    expect([got.status, got.headers.get('etag')]).to.deep.equal([200, before]);
    const damaged = await again.call('GET', 'directory-encrypted/values/b');
    expect(damaged.status).to.equal(503);
    expect(await damaged.text()).to.match(/does not authenticate.*with the version \w+ in it.*the file is from 20/);
  });

  it('serves a directory when the system can watch no more folders, and finds changes by looking', async function () {
    const none = 'echo 0 > /proc/sys/user/max_inotify_instances';
    if (spawnSync('unshare', ['-Ur', 'sh', '-c', none]).status !== 0) {
      console.log('        SKIPPED: no user namespace can be made here, in which nothing can be watched');
      this.skip();
    }
    const folder = await ServerFolder.make(DIRECTORIES.slice(0, 1));
    undo.push(() => rm(folder.path, { recursive: true, force: true }));
    const script = `${none} && exec "$0" "$@"`;
    const server = new PortkvProcess(folder.path, ['--port', '0'], { prefix: ['unshare', '-Ur', 'sh', '-c', script] });
    undo.push(async () => {
      server.kill('SIGTERM');
      await server.end();
    });
    const address = await server.ready();
    const values = `${address}/api/v1/projects/directory/values`;
    expect((await fetch(`${values}/a`, { method: 'PUT', body: '1' })).status).to.equal(201);
    await appendFile(join(folder.path, 'storage_data', 'directory', 'b.json'), '{"b": {"value": 2}}');
    const list = `${address}/api/v1/projects/directory/store`;
    while (!/"b"/.test(await (await fetch(list)).text())) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.stderr.match(/cannot be watched/g)).to.have.length(1);
  });
});

function shell(command: string): void {
  execFileSync('sh', ['-c', command]);
}

import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { mountFile, mountProblem } from '../../harness/mount.js';
import { PortkvProcess } from '../../harness/portkv-process.js';

describe('Files that cannot be replaced by renaming', () => {
  let folder: string;
  let host: string;
  let config: string;
  let undo: (() => unknown)[];

  before(function () {
    const problem = mountProblem();
    if (problem === undefined) return;
    console.log(`      nothing can be mounted here, so mounted files are not tested: ${problem}`);
    this.skip();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    [host, config] = [join(folder, 'host.json'), join(folder, 'app', 'config.json')];
    await mkdir(join(folder, 'app'));
    undo = [() => rm(folder, { recursive: true, force: true, maxRetries: 5 })];
  });
  afterEach(async () => {
    for (const step of undo.reverse()) await step();
  });

  async function mount(from: string, to: string, ...options: string[]): Promise<void> {
    await writeFile(to, '', { flag: 'a' });
    undo.push(mountFile(from, to, ...options));
  }

  function start(): PortkvProcess {
    const server = new PortkvProcess(join(folder, 'app'));
    undo.push(() => server.kill('SIGKILL'));
    return server;
  }

  async function call(address: string, method: string, path: string, key: string, body: object) {
    const headers = { 'x-api-key': key, 'content-type': 'application/json' };
    return fetch(`${address}/api/v1/projects${path}`, { method, headers, body: JSON.stringify(body) });
  }

  it('the configuration is written in place: the example serves, with keys, and takes every change', async () => {
    const example = (await readFile('config.json.example', 'utf8')).replace('"version": 1,', '"version": 1, // mine');
    await writeFile(host, example);
    await mount(host, config);
    const server = start();
    const address = await server.ready();
    const system = server.printed('SYSTEM_KEY');
    expect((await call(address, 'POST', '', system, { id: 'made' })).status).to.equal(201);
    expect((await call(address, 'PUT', '/made', system, { limits: { max_keys: 7 } })).status).to.equal(200);
    const key = { name: 'reader', scopes: ['read'] };
    expect((await call(address, 'POST', '/made/api-keys', system, key)).status).to.equal(201);
    server.kill('SIGTERM');
    expect(await server.end()).to.equal(0);
    const text = await readFile(host, 'utf8');
    expect(text).to.include('"version": 1, // mine').and.include('"max_keys": 7').and.include('"reader"');
    expect((await readdir(join(folder, 'app'))).sort()).to.deep.equal(['config.json', 'storage_data']);
    const second = start();
    expect((await call(await second.ready(), 'PUT', '/made', system, { limits: {} })).status).to.equal(200);
    expect(second.stdout).not.to.include('KEY=');
  });

  it('a configuration that a crash left torn is whole after the next start, one edited since stays', async () => {
    await copyFile('config.json.example', host);
    const before = await readFile(host, 'utf8');
    const after = before.replace('"first_project"', '"first_project", "x-new": "a member that makes it longer"');
    const torn = after.slice(0, 900) + before.slice(900);
    expect(() => JSON.parse(torn)).to.throw();
    await writeFile(host, torn);
    await mount(host, config);
    const copy = `${config}.in-place`;
    await writeFile(copy, JSON.stringify({ before, after }));
    const first = start();
    await first.ready();
    first.kill('SIGTERM');
    await first.end();
    expect(await readFile(host, 'utf8')).to.include('"x-new": "a member that makes it longer"');
    expect(await readdir(join(folder, 'app'))).not.to.include('config.json.in-place');

    await writeFile(copy, JSON.stringify({ before, after }));
    const edited = (await readFile(host, 'utf8')).replace('"x-new"', '"x-mine"');
    await writeFile(host, edited);
    const second = start();
    await second.ready();
    expect(await readFile(host, 'utf8')).to.equal(edited);
  });

  it('a change for which the disk of the configuration has no room changes nothing', async () => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
    undo.push(() => execFileSync('umount', ['--lazy', disk]));
    host = join(disk, 'host.json');
    const projects = [{ id: 'p', 'x-note': 'n'.repeat(3000) }];
    await writeFile(host, JSON.stringify({ system: { authentication: { enabled: false } }, projects }));
    await mount(host, config);
    const server = start();
    const address = await server.ready();
    const before = await readFile(host, 'utf8');
    await writeFile(join(disk, 'rest'), Buffer.alloc(64 * 1024)).catch(() => undefined);
    const long = { limits: { key_pattern: `^a{0,9}(${'b|'.repeat(5_000)}c)$` } };
    const refused = await call(address, 'PUT', '/p', '', long);
    expect(refused.status, await refused.text()).to.be.oneOf([503, 507]);
    expect(await readFile(host, 'utf8')).to.equal(before);
    expect(await readdir(join(folder, 'app'))).not.to.include('config.json.in-place');
    await rm(join(disk, 'rest'));
    expect((await call(address, 'PUT', '/p', '', long)).status).to.equal(200);
    expect(await readFile(host, 'utf8')).to.include('b|b|b|c)$');
  });

  it('a configuration without keys that cannot be written at all is refused, with a line', async () => {
    await copyFile('config.json.example', host);
    await mount(host, config, 'ro');
    const server = start();
    expect(await server.end()).to.equal(2);
    expect(server.stderr.trim().split('\n').at(-1)).to.match(
      /cannot write .*config\.json: EROFS.*make the file writable/,
    );
    expect(server.stderr).not.to.match(/\n\s+at /);
  });

  it('a change that waiting cannot make possible is answered without Retry-After', async () => {
    const first = start();
    await first.ready();
    const system = first.printed('SYSTEM_KEY');
    first.kill('SIGTERM');
    await first.end();
    await copyFile(config, host);
    await mount(host, config, 'ro');
    const server = start();
    const answer = await call(await server.ready(), 'POST', '', system, { id: 'made' });
    expect(answer.status).to.equal(503);
    expect(await answer.text()).to.include('EROFS');
    expect(answer.headers.get('retry-after')).to.equal(null);
  });

  it('a configuration that is a folder or a pipe is refused', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    for (const path of [join(folder, 'app'), join(folder, 'pipe'), '/dev/null']) {
      const { status, stderr } = failure(['serve', '--config', path]);
      expect(status).to.equal(2);
      expect(stderr).to.match(
        /^\S+ is (a folder|no regular file): name the file of the configuration with --config\n$/,
      );
    }
  });

  it('a file of the data folder that is mounted by itself is refused', async () => {
    const first = start();
    await first.ready();
    first.kill('SIGTERM');
    await first.end();
    await writeFile(join(folder, 'store'), '{}');
    await mount(join(folder, 'store'), join(folder, 'app', 'storage_data', 'first_project_store.json'));
    const server = start();
    expect(await server.end()).to.equal(2);
    expect(server.stderr).to.match(/first_project_store\.json is mounted by itself: mount the folder/);
  });

  it('the audit file is rotated by copies, and loses no record', async () => {
    const data = join(folder, 'app', 'storage_data');
    const [audit, lines] = [join(data, 'audit.portkv.ndjson'), join(folder, 'audit')];
    await mkdir(data);
    await writeFile(lines, '');
    const settings = { audit: { max_bytes: 1024, keep: 100 }, authentication: { enabled: false } };
    await writeFile(config, JSON.stringify({ system: settings }));
    await mount(lines, audit);
    const server = start();
    const address = await server.ready();
    for (let i = 0; i < 30; i++)
      await call(address, 'POST', '', '', { id: `p${i}`, authentication: { enabled: false } });
    server.kill('SIGTERM');
    await server.end();
    const files = (await readdir(data)).filter((name) => name.startsWith('audit'));
    expect(files.length).to.be.greaterThan(3);
    const texts = await Promise.all(files.map((name) => readFile(join(data, name), 'utf8')));
    expect(texts.join('').split('"act":"createProject"')).to.have.length(31);
  });

  it('an export fills a mounted file and a pipe, and leaves them what they are', async () => {
    const first = start();
    await first.ready();
    first.kill('SIGTERM');
    await first.end();
    const [target, file, pipe] = [join(folder, 'target'), join(folder, 'file'), join(folder, 'pipe')];
    await writeFile(target, 'x'.repeat(1000));
    await mount(target, file);
    execFileSync('mkfifo', [pipe]);
    const reader = openSync(pipe, 'r+');
    undo.push(() => closeSync(reader));
    const portkv = (...words: string[]) => execFileSync(process.execPath, [resolve('bin/portkv.js'), ...words]);
    for (const path of [file, pipe]) portkv('export', 'first_project', path, '--config', config);
    const read = Buffer.alloc(1000);
    const piped = read.toString('utf8', 0, readSync(reader, read));
    for (const text of [await readFile(target, 'utf8'), piped]) {
      expect(text).to.match(/^\{"format":"portkv-export".*\n\{"count":0,.*\n$/);
    }
    expect(await readdir(folder))
      .not.to.include('file.partial')
      .and.not.to.include('pipe.partial');
  });
});

function failure(words: string[]): { status: number; stderr: string } {
  try {
    execFileSync(process.execPath, [resolve('bin/portkv.js'), ...words], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    return error as { status: number; stderr: string };
  }
  throw new Error('it did not fail');
}

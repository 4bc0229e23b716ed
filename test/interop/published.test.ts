import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryPoints, type Manifest, ROOT, readManifest } from './package-exports.ts';
import { outputUntil, SERVES } from './server.ts';

const run = promisify(execFile);
const BIN = join(import.meta.dirname, 'node_modules/.bin');
/** What the console has beside the files with hashes in their names. */
const CONSOLE = ['THIRD-PARTY.md', 'favicon.svg', 'index.html'];

describe('The package', () => {
  let folder: string;
  let tarball: string;
  let manifest: Manifest;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-interop-'));
    // npm run test:interop has built it, and other tests use what was built meanwhile.
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT });
    manifest = await readManifest();
    tarball = join(folder, `portkv-${manifest.version}.tgz`);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has every file that its exports name, and each can be imported', async () => {
    const { stdout } = await run('tar', ['-tzf', tarball]);
    const packed = new Set(stdout.split('\n'));
    const points = await entryPoints(manifest);
    expect([...points.keys()]).toEqual(expect.arrayContaining(['.', './engine', './engines/lmdb', './contract']));
    for (const [name, files] of points) {
      for (const file of files) expect(packed, `${name}: ${file}`).toContain(file.replace('./', 'package/'));
    }
    const names = [...points.keys()].filter((name) => !name.endsWith('.json')).map((name) => `portkv${name.slice(1)}`);
    const program = `for (const name of ${JSON.stringify(names)}) await import(name);`;
    await run(process.execPath, ['--input-type=module', '-e', program], { cwd: import.meta.dirname });
  });

  it('resolves with its types in Node and bundlers, as attw and publint see it', async () => {
    const points = [...(await entryPoints(manifest)).keys()];
    await run(join(BIN, 'attw'), [tarball, '--profile', 'esm-only', '--no-color', '--entrypoints', ...points]);
    await run(join(BIN, 'publint'), [tarball, '--strict']);
  });

  it('has the programs with their types and maps, and the pages, and nothing else', async () => {
    await run('tar', ['-xzf', tarball, '-C', folder]);
    const { stdout } = await run('tar', ['-tzf', tarball]);
    const packed = stdout.split('\n').filter(Boolean);
    const others = packed.filter(
      (path) => !/^package\/(bin|docs|dist\/(console|docs|man|src|test\/contract))\//.test(path),
    );
    expect(others.sort()).toEqual(
      [
        ...['CHANGELOG.md', 'LICENSE', 'README.md'],
        ...['config.json.example', 'config.schema.json', 'package.json'],
      ].map((name) => `package/${name}`),
    );
    expect(packed).toEqual(expect.arrayContaining(CONSOLE.map((name) => `package/dist/console/${name}`)));
    for (const path of packed.filter((name) => name.endsWith('.js.map'))) {
      const { sources, sourcesContent } = JSON.parse(await readFile(join(folder, path), 'utf8'));
      expect(sourcesContent?.length, path).toBe(sources.length);
    }
  });

  it('is described in the changelog that it has', async () => {
    const changelog = await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8');
    expect(changelog).toMatch(new RegExp(`^## \\[${manifest.version}\\] - \\d{4}-\\d\\d-\\d\\d$`, 'm'));
  });

  it('is published without a warning', async () => {
    const registry = createServer((_, response) => response.writeHead(404).end('{}')).listen(0, '127.0.0.1');
    await once(registry, 'listening');
    const address = `//127.0.0.1:${(registry.address() as AddressInfo).port}/`;
    try {
      // `npm run --silent` would silence it, too.
      const options = [
        '--loglevel=notice',
        '--ignore-scripts',
        `--registry=http:${address}`,
        `--${address}:_authToken=none`,
      ];
      const { stdout, stderr } = await run('npm', ['publish', '--dry-run', ...options], { cwd: ROOT });
      expect(stdout).toContain(`+ portkv@${manifest.version}`);
      expect(stderr.split('\n').filter((line) => /warn|error/i.test(line.slice(0, 12)))).toEqual([]);
    } finally {
      registry.close();
    }
  });

  it('serves after npm install --global', async () => {
    const prefix = join(folder, 'prefix');
    const install = ['install', '--global', '--prefix', prefix, '--no-audit', '--no-fund', tarball];
    await run('npm', install, { cwd: folder });
    const portkv = join(prefix, 'bin/portkv');
    expect(await readFile(join(prefix, 'share/man/man1/portkv.1'), 'utf8')).toContain('.TH');
    const server = spawn(portkv, ['serve', '--port', '0'], { cwd: folder });
    const closed = once(server, 'close');
    const output = await outputUntil(server, SERVES);
    const [, address = ''] = SERVES.exec(output) ?? [];
    const [, key = ''] = /^PROJECT_KEY=(\S+)/m.exec(output) ?? [];
    const url = `${address}/api/v1/projects/first_project/values/greeting`;
    const headers = { 'x-api-key': key };
    expect((await fetch(url, { method: 'PUT', headers, body: 'hello' })).status).toBe(201);
    expect(await (await fetch(url, { headers })).text()).toBe('hello');
    expect((await run(portkv, ['health'], { cwd: folder })).stdout).toContain('is alive');
    const get = ['get', 'first_project', 'greeting', '--key', key];
    expect((await run(portkv, get, { cwd: folder })).stdout).toBe('hello');
    server.kill('SIGTERM');
    expect((await closed)[0]).toBe(0);
  }, 600_000);
});

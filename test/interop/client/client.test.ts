import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { createClient } from 'portkv/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Server } from '../server.ts';
import { bundle, gzippedSize } from './bundle.ts';
import type { Outcomes } from './suite.ts';

const SYSTEM_KEY = 'system-key-of-the-tests';
const MAX_SIZE = 12 * 1024;
const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const modules = join(import.meta.dirname, '../node_modules');

let server: Server;
let suite: string;

beforeAll(async () => {
  server = await Server.start({ system: { authentication: { api_key: SYSTEM_KEY } } });
  suite = await bundle("export { runSuite } from './suite.ts';");
});
afterAll(() => server.stop());

/** A project with one engine, and what the suite needs to reach it. */
async function project(id: string, settings: object) {
  const { admin } = createClient({ url: server.address, key: SYSTEM_KEY });
  const all = { storage: { engine: 'memory' }, limits: { strict_json: false }, ...settings };
  return { url: server.address, project: id, key: (await admin.projects.create(id, all)) ?? '' };
}

function expectAllPassed(outcomes: Outcomes): void {
  expect(Object.values(outcomes).length).toBeGreaterThan(30);
  expect(Object.entries(outcomes).filter(([, outcome]) => outcome !== 'passed')).toEqual([]);
}

it('is small, and imports nothing', async () => {
  const all = await bundle("export * from 'portkv/client';", true);
  console.log(`      the client has ${gzippedSize(all)} bytes, gzipped`);
  expect(gzippedSize(all)).toBeLessThan(MAX_SIZE);
  expect(all).not.toMatch(/\bimport\b|\brequire\b|AppError/);
});

it('leaves out what a program does not use', async () => {
  const error = await bundle("export { PortkvError } from 'portkv/client';", true);
  expect(error.length).toBeLessThan(1024);
  const store = await bundle("export { connect } from 'portkv/client';", true);
  expect(store).toContain('/transactions');
  expect(store).not.toContain('/snapshots');
});

it('keeps its promises in Chromium, from a page of another origin', async () => {
  const page = `<!doctype html><script type="module">
    import { runSuite } from './suite.js';
    window.suite = (options) => runSuite(options);
  </script>`;
  const site = createServer((request, response) => {
    const script = request.url === '/suite.js';
    response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html').end(script ? suite : page);
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  try {
    const opened = await browser.newPage();
    await opened.goto(origin);
    await opened.waitForFunction('window.suite');
    const options = await project('chromium', { cors: { origins: [origin] } });
    expectAllPassed(await opened.evaluate(`window.suite(${JSON.stringify(options)})`));
  } finally {
    await browser.close();
    site.close();
  }
}, 180_000);

it('keeps its promises in Bun', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'portkv-interop-'));
  const run = `\nconsole.log(JSON.stringify(await runSuite(JSON.parse(process.argv[2]))));`;
  await writeFile(join(folder, 'suite.js'), suite + run);
  const options = JSON.stringify(await project('bun', {}));
  const { stdout } = await promisify(execFile)(await bun(), ['suite.js', options], { cwd: folder });
  expectAllPassed(JSON.parse(stdout));
  await rm(folder, { recursive: true });
}, 180_000);

/** The program, which is in a package for this system until a script of the package `bun` moves it. */
async function bun(): Promise<string> {
  const moved = join(modules, 'bun/bin/bun.exe');
  if ((await stat(moved)).size > 1_000_000) return moved;
  for (const name of await readdir(join(modules, '@oven'))) {
    const path = join(modules, '@oven', name, 'bin/bun');
    if (existsSync(path)) return path;
  }
  throw new Error('no program of Bun is installed');
}

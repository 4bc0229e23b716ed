import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const PORTKV = join(dirname(createRequire(import.meta.url).resolve('portkv/package.json')), 'bin/portkv.js');
const ENGINES = ['json-file', 'lmdb', 'directory', 'memory'];

const isSupported = process.platform === 'linux' && process.arch === 'x64';
if (!isSupported)
  console.log('The packages with versions of Node hold binaries of Linux on x64 only, so none is tried');

for (const version of ['20', '22', '24']) {
  const node = join(import.meta.dirname, `node_modules/node-${version}/bin/node`);
  it.runIf(isSupported)(`serves every engine, and checks keys, on Node ${version}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-interop-'));
    const config = join(folder, 'config.json');
    const projects = ENGINES.map((engine) => ({ id: engine, storage: { engine }, authentication: { api_key: 'k' } }));
    await writeFile(config, JSON.stringify({ projects }));
    const run = (...args: string[]) => spawn(node, [PORTKV, ...args, '--config', config]);
    const server = run('serve', '--port', '0');
    try {
      const address = await addressOf(server);
      for (const engine of ENGINES) {
        const url = `${address}/api/v1/projects/${engine}/values/a`;
        const headers = { 'x-api-key': 'k' };
        expect((await fetch(url, { method: 'PUT', headers, body: 'hello' })).status).toBe(201);
        expect(await (await fetch(url, { headers })).text()).toBe('hello');
        expect((await fetch(url, { headers: { 'x-api-key': 'wrong' } })).status).toBe(401);
      }
      server.kill('SIGTERM');
      expect(await once(server, 'close')).toEqual([0, null]);
      expect(await once(run('doctor'), 'close')).toEqual([0, null]);
    } finally {
      server.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
}

async function addressOf(server: ChildProcess): Promise<string> {
  let output = '';
  server.stderr?.on('data', (chunk) => (output += chunk));
  for await (const chunk of server.stdout ?? []) {
    output += chunk;
    const [, address] = /serves on (http\S+)/.exec(output) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error(`it does not start: ${output}`);
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PORTKV, Server } from './server.ts';

const ENGINES = ['json-file', 'lmdb', 'directory', 'memory'];
const projects = ENGINES.map((engine) => ({ id: engine, storage: { engine }, authentication: { api_key: 'k' } }));

const isSupported = process.platform === 'linux' && process.arch === 'x64';
if (!isSupported)
  console.log('The packages with versions of Node hold binaries of Linux on x64 only, so none is tried');

for (const version of ['20', '22', '24']) {
  const node = join(import.meta.dirname, `node_modules/node-${version}/bin/node`);
  it.runIf(isSupported)(`serves every engine, and checks keys, on Node ${version}`, async () => {
    const server = await Server.start({ projects }, node);
    try {
      for (const engine of ENGINES) {
        const url = `${server.address}/api/v1/projects/${engine}/values/a`;
        const headers = { 'x-api-key': 'k' };
        expect((await fetch(url, { method: 'PUT', headers, body: 'hello' })).status).toBe(201);
        expect(await (await fetch(url, { headers })).text()).toBe('hello');
        expect((await fetch(url, { headers: { 'x-api-key': 'wrong' } })).status).toBe(401);
      }
      expect(await server.end()).toBe(0);
      const doctor = spawn(node, [PORTKV, 'doctor', '--config', join(server.folder, 'config.json')]);
      expect(await once(doctor, 'close')).toEqual([0, null]);
    } finally {
      await server.stop();
    }
  });
}

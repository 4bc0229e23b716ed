import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { startServer } from '../../src/composition/start-server.js';
import { TestServer } from '../harness/test-server.js';

const compat = join(import.meta.dirname, '../../../test/compat');

describe('A client of Simple-PyKV', () => {
  it('gets the recorded responses in all 63 steps', async () => {
    const server = await TestServer.start();
    try {
      const replay = [join(compat, 'replay.mjs'), server.address, server.systemKey];
      const { stdout } = await promisify(execFile)(process.execPath, replay);
      expect(stdout).to.contain('63 of 63 steps');
    } finally {
      await server.stop();
    }
  });

  it('finds every value of its folder if another engine is configured before the first start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    await cp(join(compat, 'simple-pykv-data'), folder, { recursive: true });
    const path = join(folder, 'config.json');
    const config = JSON.parse(await readFile(path, 'utf8'));
    for (const project of config.projects) project.storage = { engine: 'lmdb' };
    await writeFile(path, JSON.stringify(config));
    const [, key] = /^notes=(.*)$/m.exec(await readFile(join(folder, 'KEYS.txt'), 'utf8')) ?? [];
    const server = await startServer({ config: path, port: 0, logLevel: 'error' }, 'test');
    try {
      const notes = JSON.parse(await readFile(join(folder, 'storage_data', 'notes_store.json'), 'utf8'));
      for (const name of Object.keys(notes)) {
        const address = `${server.address}/api/v1/projects/notes/store/${encodeURIComponent(name)}`;
        const { data } = (await (await fetch(address, { headers: { 'X-API-Key': key ?? '' } })).json()) as {
          data: object;
        };
        expect(data, name).to.deep.include(notes[name]);
      }
      const placement = await readFile(join(folder, 'storage_data', 'notes.placement.json'), 'utf8');
      expect(JSON.parse(placement)).to.include({ engine: 'lmdb' });
    } finally {
      await server.stop();
    }
    await rm(folder, { recursive: true });
  });

  it('finds every value of its folder with its old keys, which get stronger hashes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    await cp(join(compat, 'simple-pykv-data'), folder, { recursive: true });
    const keys = Object.fromEntries(
      (await readFile(join(folder, 'KEYS.txt'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => line.split('=') as [string, string]),
    );
    const server = await startServer({ config: join(folder, 'config.json'), port: 0, logLevel: 'error' }, 'test');
    const fetched = (path: string, key: string | undefined) =>
      fetch(`${server.address}/api/v1/projects/${path}`, { headers: { 'X-API-Key': key ?? '' } });
    const get = async (path: string, key: string | undefined) => (await fetched(path, key)).text();
    try {
      for (const project of ['notes', 'saved', 'quiet']) {
        const file = JSON.parse(await readFile(join(folder, 'storage_data', `${project}_store.json`), 'utf8'));
        for (const [key, item] of Object.entries(file as Record<string, { value: unknown }>)) {
          const answer = await get(`${project}/store/${encodeURIComponent(key)}`, keys[project]);
          expect(JSON.parse(answer).data, `${project} ${key}`).to.deep.include(item);
        }
      }
      expect(await get('notes/store/big/value', keys.notes)).to.equal('{"n":106242075399214372653}');
      expect(await get('notes/store', keys.notes))
        .to.contain('106242075399214372653')
        .and.to.contain('1000.0');
      // Without a charset, Python's requests would read it as Latin-1.
      const { headers } = await fetched('notes/store/unicode/value', keys.notes);
      expect(headers.get('content-type')).to.equal('text/plain; charset=utf-8');
      expect(await get('scratch', keys.scratch)).to.contain('"engine":"memory"');
      const upgraded = async () => (await readFile(join(folder, 'config.json'), 'utf8')).match(/argon2id/g)?.length;
      for (let tries = 0; (await upgraded()) !== 4 && tries < 100; tries++) await sleep(20);
      expect(await upgraded(), 'notes, saved, quiet, scratch').to.equal(4);
    } finally {
      await server.stop();
    }
    await rm(folder, { recursive: true });
  });
});

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Server } from '../server.ts';
import { wrangler, wranglerEnvironment } from './wrangler.ts';

const NAMESPACE = ['--namespace-id', 'notes', '--remote'];

describe('wrangler kv', { timeout: 300_000 }, () => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start({
      system: { authentication: { api_key: 'system' } },
      projects: [
        {
          id: 'notes',
          storage: { engine: 'json-file' },
          authentication: { api_key: 'k' },
          dialects: ['cloudflare'],
        },
      ],
    });
  });
  afterAll(() => server.stop());

  const as = async (key: string, ...args: string[]) =>
    wrangler(wranglerEnvironment(server.address, key, server.folder), 'kv', ...args);

  async function done(key: string, ...args: string[]): Promise<string> {
    const { ok, output } = await as(key, ...args);
    expect(ok, output).toBe(true);
    return output;
  }

  it('key put, get, list, delete', async () => {
    const file = join(server.folder, 'bytes.bin');
    await writeFile(file, Buffer.from([0, 255, 13, 10]));
    await done('k', 'key', 'put', 'a/b', 'hello ä', ...NAMESPACE, '--metadata', '{"n":1}', '--ttl', '1000');
    await done('k', 'key', 'put', 'bytes', '--path', file, ...NAMESPACE);
    expect(await done('k', 'key', 'get', 'a/b', '--text', ...NAMESPACE)).toBe('hello ä\n');
    const stored = await fetch(`${server.address}/api/v1/projects/notes/values/bytes`, {
      headers: { 'x-api-key': 'k' },
    });
    expect(Buffer.from(await stored.arrayBuffer())).toEqual(await readFile(file));
    const [first, ...others] = JSON.parse(await done('k', 'key', 'list', ...NAMESPACE));
    expect(first).toMatchObject({ name: 'a/b', metadata: { n: 1 } });
    expect(first.expiration).toBeGreaterThan(Date.now() / 1000);
    expect(others).toEqual([{ name: 'bytes' }]);
    await done('k', 'key', 'delete', 'bytes', ...NAMESPACE);
    expect(JSON.parse(await done('k', 'key', 'list', '--prefix', 'b', ...NAMESPACE))).toEqual([]);
    const brief = await as('k', 'key', 'put', 'brief', 'x', '--ttl', '59', ...NAMESPACE);
    expect(brief).toMatchObject({ ok: false, output: expect.stringContaining('must be at least 60. [code: 400]') });
  });

  it('bulk put, get, delete, of more keys than one request has', async () => {
    const [puts, keys] = [join(server.folder, 'puts.json'), join(server.folder, 'keys.json')];
    const names = Array.from({ length: 1500 }, (_, i) => `bulk/${i}`);
    await writeFile(puts, JSON.stringify(names.map((key) => ({ key, value: key, metadata: { key } }))));
    await done('k', 'bulk', 'put', puts, ...NAMESPACE);
    await writeFile(keys, JSON.stringify(['bulk/0', 'bulk/1499', 'none']));
    const output = await done('k', 'bulk', 'get', keys, ...NAMESPACE);
    expect(JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1))).toEqual({
      'bulk/0': 'bulk/0',
      'bulk/1499': 'bulk/1499',
      none: null,
    });
    await writeFile(keys, JSON.stringify(names));
    await done('k', 'bulk', 'delete', keys, '--force', ...NAMESPACE);
    expect(JSON.parse(await done('k', 'key', 'list', '--prefix', 'bulk/', ...NAMESPACE))).toEqual([]);
  });

  it('namespace list, create, delete, with the system key, and rename, which fails with the reason', async () => {
    const titles = async () =>
      JSON.parse(await done('system', 'namespace', 'list')).map(({ title }: { title: string }) => title);
    expect(await titles()).toEqual(['notes']);
    expect(await done('system', 'namespace', 'create', 'made')).toContain('Success!');
    expect(await titles()).toEqual(['made', 'notes']);
    const again = await as('system', 'namespace', 'create', 'made');
    expect(again).toMatchObject({ ok: false, output: expect.stringContaining('"made" already exists') });
    const renamed = await as('system', 'namespace', 'rename', 'made', '--new-name', 'other');
    expect(renamed).toMatchObject({ ok: false, output: expect.stringContaining("'made', which never changes") });
    await done('system', 'namespace', 'delete', 'made', '--skip-confirmation');
    expect(await titles()).toEqual(['notes']);
    const refused = await as('k', 'namespace', 'delete', '--namespace-id', 'notes', '--skip-confirmation');
    expect(refused).toMatchObject({ ok: false, output: expect.stringContaining('use the system key [code: 403]') });
  });
});

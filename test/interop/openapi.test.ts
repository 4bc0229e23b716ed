import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Server } from './server.ts';

const run = promisify(execFile);
const MODULES = join(import.meta.dirname, 'node_modules');

const KEY = 'a-key-of-this-test';
const PROGRAM = `const { exchange } = await import('./made/use.mjs');
  console.log(JSON.stringify(await exchange(...process.argv.slice(1))));`;

/**
 * Each generator: what it is called with, and a program on the code that it makes. The program stores a value and
 * returns what it reads of it, with the types that the document gives.
 */
const generators = {
  'openapi-typescript': {
    args: ['openapi.json', '-o', 'made/schema.ts'],
    use: `import createClient from 'openapi-fetch';
      import type { components, paths } from './made/schema.js';
      type Failure = components['schemas']['Error'];
      export const scope = (failure: Failure): string | undefined => failure.error.required_scope;
      export type Migration = components['schemas']['Migration'];
      export function itemOf(change: components['schemas']['Change']): components['schemas']['Item'] | undefined {
        if (change.event === 'put') return change.item;
        change.size_bytes satisfies 0;
        return undefined;
      }
      export async function exchange(baseUrl: string, key: string): Promise<unknown> {
        const client = createClient<paths>({ baseUrl, headers: { 'X-API-Key': key } });
        const params = { path: { project: 'p', key: 'k' } };
        await client.PUT('/api/v1/projects/{project}/store/{key}', { params, body: { hello: 'world' } });
        const { data: latest } = await client.GET('/api/v1/projects/{project}/latest', {
          params: { path: { project: 'p' }, query: { prefix: 'k' } },
        });
        const { data, error } = await client.GET('/api/v1/projects/{project}/store/{key}', { params });
        if (error !== undefined) throw new Error(JSON.stringify(error));
        return latest?.data.key === 'k' && data.data.value;
      }`,
  },
  'openapi-ts': {
    args: ['-i', 'openapi.json', '-o', 'made', '-c', '@hey-api/client-fetch'],
    use: `import { client } from './made/client.gen.js';
      import { getItem, putItem, type Item } from './made/index.js';
      export async function exchange(baseUrl: string, key: string): Promise<unknown> {
        client.setConfig({ baseUrl, auth: () => key });
        const path = { project: 'p', key: 'k' };
        await putItem({ path, body: { hello: 'world' }, throwOnError: true });
        const { data } = await getItem({ path, throwOnError: true });
        const item: Item = data.data;
        return item.value;
      }`,
  },
  orval: {
    args: ['--input', 'openapi.json', '--output', 'made/api.ts', '--client', 'fetch'],
    use: `import { getItem, putItem, type Item } from './made/api.js';
      export async function exchange(baseUrl: string, key: string): Promise<unknown> {
        const send = fetch;
        globalThis.fetch = (path, init) => send(baseUrl + String(path), init);
        const headers = { Authorization: 'Bearer ' + key, 'Content-Type': 'application/json' };
        await putItem('p', 'k', { hello: 'world' }, undefined, { headers });
        const answer = await getItem('p', 'k', undefined, { headers });
        if (answer.status !== 200) return answer.status;
        const item: Item = answer.data.data;
        return item.value;
      }`,
  },
  'swagger-typescript-api': {
    args: ['generate', '-p', 'openapi.json', '-o', 'made', '-n', 'api.ts'],
    use: `import { Api, type Item } from './made/api.js';
      export async function exchange(baseUrl: string, key: string): Promise<unknown> {
        const { api } = new Api({ baseUrl, baseApiParams: { headers: { 'Api-Key': key } } });
        await api.putItem('p', 'k', { hello: 'world' });
        const answer = await api.getItem('p', 'k');
        const item: Item = answer.data.data;
        return item.value;
      }`,
  },
} as const;

describe('The OpenAPI document', () => {
  let folder: string;
  let document: string;
  let server: Server;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-interop-'));
    await symlink(MODULES, join(folder, 'node_modules'));
    server = await Server.start({ projects: [{ id: 'p', authentication: { api_key: KEY } }] });
    document = await (await fetch(`${server.address}/openapi.json`)).text();
    await writeFile(join(folder, 'openapi.json'), document);
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [name, { args, use }] of Object.entries(generators)) {
    it(`is made into TypeScript that compiles and works by ${name}`, async () => {
      await writeFile(join(folder, 'use.ts'), use);
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['use.ts', 'made'] }));
      try {
        await run(join(MODULES, '.bin', name), [...args], { cwd: folder });
        expect(await failureOf(join(MODULES, '.bin/tsc'), ['-p', '.'], folder)).toBe('');
        const bundle = ['use.ts', '--bundle', '--format=esm', '--outfile=made/use.mjs'];
        await run(join(MODULES, '.bin/esbuild'), bundle, { cwd: folder });
        const { stdout } = await run(process.execPath, ['--input-type=module', '-e', PROGRAM, server.address, KEY], {
          cwd: folder,
        });
        expect(JSON.parse(stdout)).toEqual({ hello: 'world' });
      } finally {
        await rm(join(folder, 'made'), { recursive: true, force: true });
      }
    }, 120_000);
  }

  it('has no mistake that spectral finds', async () => {
    await writeFile(join(folder, '.spectral.yaml'), 'extends: ["spectral:oas"]\nrules: { info-contact: off }\n');
    const failure = await failureOf(
      join(MODULES, '.bin/spectral'),
      ['lint', 'openapi.json', '--fail-severity=warn'],
      folder,
    );
    expect(failure).toBe('');
  }, 120_000);

  it('names every shape that several routes have, and no constant has a line feed', () => {
    const { components, paths } = JSON.parse(document);
    expect(Object.keys(components.schemas)).toEqual(
      expect.arrayContaining(['Item', 'Error', 'ErrorDetails', 'GetItemResponse', 'ApiKey', 'NewKeyBody']),
    );
    const inline: string[] = [];
    const constants: string[] = [];
    walk(paths, (at, value) => {
      const { type, properties, const: constant } = value;
      if (typeof constant === 'string' && constant.includes('\n')) constants.push(at);
      if (type === 'object' && Object.keys(properties ?? {}).length > 1) inline.push(at);
    });
    expect(inline).toEqual([]);
    expect(constants).toEqual([]);
  });
});

const compilerOptions = {
  target: 'es2022',
  module: 'esnext',
  moduleResolution: 'bundler',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  lib: ['es2022', 'dom', 'dom.iterable'],
  types: [],
};

type Part = Record<string, unknown> & { properties?: object };

/** Calls `visit` for every object in a part of the document that is no example. */
function walk(part: unknown, visit: (at: string, value: Part) => void, at = ''): void {
  if (typeof part !== 'object' || part === null) return;
  visit(at, part as Part);
  for (const [name, value] of Object.entries(part)) {
    if (name !== 'example' && name !== 'examples') walk(value, visit, `${at}/${name}`);
  }
}

/** What a command prints if it fails; empty if it does not. */
async function failureOf(command: string, args: string[], cwd: string): Promise<string> {
  try {
    await run(command, args, { cwd });
    return '';
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return stdout + stderr || String(error);
  }
}

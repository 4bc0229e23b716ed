import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Server } from './server.ts';

const run = promisify(execFile);
const MODULES = join(import.meta.dirname, 'node_modules');

/** Each generator: what it is called with, and what uses the code that it makes. */
const generators = {
  'openapi-typescript': {
    args: ['openapi.json', '-o', 'made/schema.ts'],
    use: `import createClient from 'openapi-fetch';
      import type { components, paths } from './made/schema.js';
      const client = createClient<paths>({ baseUrl: 'http://127.0.0.1:23849' });
      const { data, error } = await client.GET('/api/v1/projects/{project}/store/{key}', {
        params: { path: { project: 'p', key: 'k' } },
      });
      export const version: string | undefined = data?.data.version;
      type Failure = components['schemas']['Error'];
      export const scope = (failure: Failure): string | undefined => failure.error.required_scope;
      export const failed: boolean = error !== undefined;
      export type Migration = components['schemas']['Migration'];`,
  },
  'openapi-ts': {
    args: ['-i', 'openapi.json', '-o', 'made', '-c', '@hey-api/client-fetch'],
    use: `import { getItem, type Item } from './made/index.js';
      const { data } = await getItem({ path: { project: 'p', key: 'k' } });
      export const item: Item | undefined = data?.data;`,
  },
  orval: {
    args: ['--input', 'openapi.json', '--output', 'made/api.ts', '--client', 'fetch'],
    use: `import { getItem, type Item } from './made/api.js';
      const answer = await getItem('p', 'k');
      export const item: Item | undefined = answer.status === 200 ? answer.data.data : undefined;`,
  },
  'swagger-typescript-api': {
    args: ['generate', '-p', 'openapi.json', '-o', 'made', '-n', 'api.ts'],
    use: `import { Api, type Item } from './made/api.js';
      const answer = await new Api().api.getItem('p', 'k');
      export const item: Item = answer.data.data;`,
  },
} as const;

describe('The OpenAPI document', () => {
  let folder: string;
  let document: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-interop-'));
    await symlink(MODULES, join(folder, 'node_modules'));
    const server = await Server.start();
    document = await (await fetch(`${server.address}/openapi.json`)).text();
    await server.stop();
    await writeFile(join(folder, 'openapi.json'), document);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  for (const [name, { args, use }] of Object.entries(generators)) {
    it(`is made into TypeScript that compiles by ${name}`, async () => {
      await writeFile(join(folder, 'use.ts'), use);
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['use.ts', 'made'] }));
      try {
        await run(join(MODULES, '.bin', name), [...args], { cwd: folder });
        expect(await failureOf(join(MODULES, '.bin/tsc'), ['-p', '.'], folder)).toBe('');
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

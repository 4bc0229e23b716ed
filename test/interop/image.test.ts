import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { follow, type Image, instructionsOf } from './recipe.ts';
import { outputUntil, SERVES } from './server.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const NODE_24 = join(import.meta.dirname, 'node_modules/node-24/bin');
const PATH = [NODE_24, process.env.PATH].join(delimiter);
const isSupported = process.platform === 'linux' && process.arch === 'x64';

describe.runIf(isSupported)('The recipe of the image', () => {
  let folder: string;
  let recipe: string;
  let image: Image;
  const env = () => ({ ...process.env, ...image.env, PATH });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-interop-'));
    recipe = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
    // The user of the image and its folder for data are not those of this machine.
    const here = recipe.replaceAll('-o node -g node ', '').replaceAll(/(?<=[ "])\/data/g, join(folder, 'data'));
    image = await follow(here, ROOT, folder, PATH);
  }, 600_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is for a version of Node that has long-term support', async () => {
    const bases = instructionsOf(recipe).flatMap(([name, rest]) => (name === 'FROM' ? [rest.split(' ')[0]] : []));
    expect(new Set(bases)).toEqual(new Set(['node:24-bookworm-slim']));
    const { stdout } = await run(join(NODE_24, 'node'), ['-p', 'process.release.lts']);
    expect(stdout).toMatch(/^[A-Z]/);
  });

  it('copies only what .dockerignore lets through', async () => {
    const ignore = await readFile(join(ROOT, '.dockerignore'), 'utf8');
    const allowed = [...ignore.matchAll(/^!(.+)$/gm)].map(([, path = '']) => path);
    const sources = instructionsOf(recipe)
      .filter(([name, rest]) => name === 'COPY' && !rest.startsWith('--from'))
      .flatMap(([, rest]) => rest.split(' ').slice(0, -1))
      .map((path) => path.replace(/^\.\//, ''));
    expect(new Set(sources)).toEqual(new Set(allowed));
  });

  it('leaves out what only builds and tests need', async () => {
    const modules = await readdir(join(image.folder, 'node_modules'));
    expect(modules).toContain('lmdb');
    for (const name of ['typescript', 'mocha', 'swagger-ui-dist']) expect(modules).not.toContain(name);
    expect(await readdir(image.folder)).not.toContain('src');
  });

  it('makes a server that starts, is healthy by its own check, and is not once it has stopped', async () => {
    const [program = '', ...first] = image.entrypoint;
    const options = { cwd: image.folder, env: env() };
    const health = () => run('sh', ['-c', '"$@"', 'sh', ...image.healthCheck], options);
    await expect(health()).rejects.toMatchObject({ code: 6 });
    // The last option counts: a free port, so that nothing is in the way on this machine.
    const server = spawn(program, [...first, ...image.command, '--port', '0'], options);
    const closed = once(server, 'close');
    await outputUntil(server, SERVES);
    expect((await health()).stdout).toMatch(/^http:\S+ is alive\n$/);
    server.kill('SIGTERM');
    expect((await closed)[0]).toBe(0);
    await expect(health()).rejects.toMatchObject({ code: 6 });
  });
});

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ROOT } from '../package-exports.ts';
import { Server } from '../server.ts';

/** What each program of the page prints. */
const OUTPUTS = [
  "{ name: 'Ada' } true\n",
  "{ name: 'Ada' } [ 'users:ada' ]\n14 true\n",
  '1\n2\n',
  '9 too many, wait true\n',
];

it('docs/adapters.md shows programs that work', async () => {
  const page = await readFile(join(ROOT, 'docs/adapters.md'), 'utf8');
  const programs = [...page.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, program = '']) => program);
  const project = { id: 'first_project', storage: { engine: 'memory' }, authentication: { api_key: 'k' } };
  const server = await Server.start({ projects: [project] });
  try {
    const env = { ...process.env, URL: server.address, KEY: 'k' };
    const outputs = programs.map(async (program) => {
      const args = ['--input-type=module', '--eval', program];
      return (await promisify(execFile)(process.execPath, args, { cwd: join(ROOT, 'test/interop'), env })).stdout;
    });
    expect(await Promise.all(outputs)).toEqual(OUTPUTS);
  } finally {
    await server.stop();
  }
});

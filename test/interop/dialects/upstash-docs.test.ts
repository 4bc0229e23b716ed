import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ROOT } from '../package-exports.ts';
import { Server } from '../server.ts';

const run = promisify(execFile);

it('docs/upstash.md shows a program and commands that work', async () => {
  const page = await readFile(join(ROOT, 'docs/upstash.md'), 'utf8');
  const block = (language: string) =>
    new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? '';
  const project = {
    id: 'first_project',
    storage: { engine: 'memory' },
    authentication: { api_key: 'k' },
    dialects: ['upstash'],
  };
  const server = await Server.start({ projects: [project] });
  try {
    const env = { ...process.env, URL: server.address, KEY: 'k' };
    const args = ['--input-type=module', '--eval', block('js')];
    const program = await run(process.execPath, args, { cwd: join(ROOT, 'test/interop'), env });
    expect(program.stdout).toMatch(/^\{ name: 'Ada' \} (60|5\d)\n\[ 1, 2 \]\n\[ 1, 1 \]\n$/);
    const shell = await run('sh', ['-ec', block('sh').replaceAll(/^curl/gm, 'curl -sS -w "\\n"')], { env });
    expect(shell.stdout.trim().split(/\n+/)).toEqual([
      '{"result":"OK"}',
      '{"result":"hello"}',
      '{"result":"OK"}',
      '[{"result":9},{"error":"ERR value is not an integer or out of range"}]',
      '[{"result":1},{"result":-1}]',
    ]);
  } finally {
    await server.stop();
  }
});

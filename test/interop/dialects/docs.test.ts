import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ROOT } from '../package-exports.ts';
import { Server } from '../server.ts';
import { WRANGLER, wranglerEnvironment } from './wrangler.ts';

const run = promisify(execFile);

/** What each program of the page prints, in the order of the page. */
const OUTPUTS = ["{ name: 'Ada' } [ 'users:ada' ]\n60\n", "Ada\nusers/ada { owner: 'ada' }\nusers:ada undefined\n"];

it('docs/dialects.md shows commands and programs that work', { timeout: 300_000 }, async () => {
  const page = await readFile(join(ROOT, 'docs/dialects.md'), 'utf8');
  const blocks = (language: string) =>
    [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);
  const project = { id: 'first_project', storage: { engine: 'memory' }, authentication: { api_key: 'k' } };
  const server = await Server.start({ projects: [project] });
  try {
    const own = wranglerEnvironment(server.address, 'k', server.folder);
    const env = { ...own, URL: server.address, KEY: 'k' };
    const [settings = '', ...shells] = blocks('sh');
    const { stdout } = await run('sh', ['-c', settings.replace('curl', 'curl -sS --fail-with-body')], { env });
    expect(stdout).toContain('updated successfully');
    const outputs: string[] = [];
    for (const program of blocks('js')) {
      const args = ['--input-type=module', '--eval', program];
      outputs.push((await run(process.execPath, args, { cwd: join(ROOT, 'test/interop'), env })).stdout);
    }
    expect(outputs).toEqual(OUTPUTS);
    const command = `npx() { shift; "${process.execPath}" "${WRANGLER}" "$@"; }\nset -e\n`;
    const printed = (await run('sh', ['-c', command + shells.join('\n')], { env, cwd: server.folder })).stdout;
    expect(printed).toContain('Grace');
    expect(printed).toContain('"owner": "grace"');
  } finally {
    await server.stop();
  }
});

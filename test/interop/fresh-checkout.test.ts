import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, readManifest } from './package-exports.ts';

const run = promisify(execFile);
const QUIET = ['--no-audit', '--no-fund'];
const PRODUCTION = { ...process.env, NODE_ENV: 'production' };

/** They see what is committed. */
describe.runIf(existsSync(join(ROOT, '.git')))('A fresh checkout', { timeout: 900_000 }, () => {
  let folder: string;
  let version: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-interop-'));
    ({ version } = await readManifest());
  });
  afterAll(() => rm(folder, { recursive: true, force: true }), 600_000);

  it('says how to build it if npm ci leaves out what builds it, and is still packed whole', async () => {
    const checkout = join(folder, 'checkout');
    await run('git', ['clone', '--quiet', '--depth=1', `file://${ROOT}`, checkout]);
    const options = { cwd: checkout, env: PRODUCTION };
    const { stderr } = await run('npm', ['ci', ...QUIET], options);
    expect(stderr).toMatch(/^PortKV was not built: .* Run `npm ci --include=dev && npm run build`\.$/m);
    await expect(run('node', ['bin/portkv.js', '--version'], options)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^PortKV is not built yet\. [^\n]+\n$/),
    });
    await run('npm', ['pack', ...QUIET], options);
    const { stdout } = await run('tar', ['-tzf', `portkv-${version}.tgz`], { cwd: checkout });
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['package/dist/src/main.js', 'package/bin/portkv.js']));
  });

  it('is installed from git, also with NODE_ENV=production', async () => {
    const project = join(folder, 'project');
    await mkdir(project);
    await writeFile(join(project, 'package.json'), '{"private":true}');
    await run('npm', ['install', ...QUIET, `git+file://${ROOT}`], { cwd: project, env: PRODUCTION });
    const { stdout } = await run(join(project, 'node_modules/.bin/portkv'), ['--version'], { cwd: project });
    expect(stdout).toBe(`${version}\n`);
  });
});

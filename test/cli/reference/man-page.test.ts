import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { runHere } from '../../harness/portkv-here.js';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../../..');

describe('The manual page', () => {
  it('is in the package, as npm installs it', async () => {
    const { man, files } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    expect(man).to.deep.equal(['./dist/man/portkv.1']);
    expect(files).to.include('dist/man');
  });

  it('has every command and option that the help text has', async () => {
    const page = (await readFile(join(ROOT, 'dist/man/portkv.1'), 'utf8')).replaceAll('\\-', '-');
    for (const command of ['serve', 'import', 'keys create', 'snapshot restore', 'completion']) {
      expect(page).to.match(new RegExp(`^\\.SS "portkv ${command}\\b`, 'm'));
      const { out } = await runHere([...command.split(' '), '--help']);
      for (const [option] of out.matchAll(/--[a-z-]+/g)) expect(page, command).to.include(option);
    }
    for (const code of ['0', '3', '6']) expect(page).to.match(new RegExp(`^\\.TP\n${code}$`, 'm'));
  });

  it('is formatted without a warning, if groff is installed', async function () {
    const version = await run('groff', ['--version']).catch(() => undefined);
    if (version === undefined) this.skip();
    const plain = ['-P-c', '-P-b', '-P-u', '-P-o'];
    const { stdout, stderr } = await run('groff', ['-man', '-Tutf8', '-ww', ...plain, join(ROOT, 'dist/man/portkv.1')]);
    expect(stderr).to.equal('');
    expect(stdout).to.include('EXIT STATUS').and.include('portkv import <project> <file>');
  });
});

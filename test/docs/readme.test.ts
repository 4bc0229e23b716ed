import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { configSchema } from '../../src/infrastructure/config/settings/config-schema.js';
import { PortkvProcess } from '../harness/portkv-process.js';
import { TestServer } from '../harness/test-server.js';
import { unaligned, withConfigurationTable } from './configuration-table.js';
import { answersOf, examplesOf } from './examples.js';

const run = promisify(execFile);

/** Makes `portkv` the command of this repository. */
const portkvFunction = {
  command: `portkv() { "${process.execPath}" "${resolve('bin/portkv.js')}" "$@"; }\n`,
  kind: undefined,
  answer: '',
  from: 0,
  to: 0,
};

describe('README.md', () => {
  let page: string;

  before(async () => {
    page = await readFile('README.md', 'utf8');
  });

  it('shows lines for a shell that work as they are printed', async () => {
    const server = await TestServer.start();
    try {
      await expectWorking(server.address, server.systemKey, server.projectKey, server.folder);
    } finally {
      await server.stop();
    }
  });

  it('shows lines for a shell that work with a copy of config.json.example', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    await copyFile('config.json.example', join(folder, 'config.json'));
    const server = new PortkvProcess(folder);
    try {
      const address = await server.ready();
      const [project = ''] = /pkv_\S+/.exec(/^.*first_project.*$/im.exec(server.stdout)?.[0] ?? '') ?? [];
      await expectWorking(address, server.printed('SYSTEM_KEY'), server.printed('PROJECT_KEY') || project, folder);
    } finally {
      server.kill('SIGTERM');
      await server.end();
      await rm(folder, { recursive: true });
    }
  });

  async function expectWorking(address: string, systemKey: string, projectKey: string, folder: string): Promise<void> {
    const lines = examplesOf(page).flatMap(({ command }) => command.trim().split('\n'));
    expect(lines).to.have.length(7);
    const quiet = ' -s --fail-with-body';
    const examples = lines.map((line) => ({
      command: `${line.replace('http://127.0.0.1:23849', address)}${line.startsWith('curl') ? quiet : ''}\n`,
      kind: 'text',
      answer: '',
      from: 0,
      to: 0,
    }));
    const keys = { SYSTEM_KEY: systemKey, PROJECT_KEY: projectKey, PORTKV_KEY: projectKey };
    const answers = await answersOf([portkvFunction, ...examples], keys, folder);
    expect(answers[1]).to.contain("Key 'greeting' set successfully");
    expect(answers[2]).to.equal('hello\n');
    expect(answers[3]).to.contain('"value":"hello"');
    expect(answers[4]).to.equal('hello\n');
    expect(answers[5]).to.contain('"value":1');
    expect(answers[6]).to.contain('"new_api_key":"pkv_');
    expect(answers[7]).to.contain('"to":"lmdb"');
    expect(await programOutput(address, projectKey)).to.equal('hello\n');
  }

  /** What the program of the page prints. In this folder `portkv/client` is the package itself. */
  async function programOutput(address: string, key: string): Promise<string> {
    const [, program = ''] = /^```ts\n(.*?)^```$/ms.exec(page) ?? [];
    const source = program.replace('http://127.0.0.1:23849', address);
    const env = { ...process.env, PORTKV_KEY: key };
    return (await run(process.execPath, ['--input-type=module', '-e', source], { env })).stdout;
  }

  it('lists every member of the configuration with its default (`npm run docs` writes them)', () => {
    expect(unaligned(page)).to.equal(unaligned(withConfigurationTable(page, configSchema())));
  });

  it('links to what is there', async () => {
    const pages = [
      'README.md',
      'CONTRIBUTING.md',
      'docs/routes.md',
      'docs/storage.md',
      'docs/compatibility.md',
      'docs/errors.md',
    ];
    for (const name of pages) {
      const folder = name.startsWith('docs/') ? 'docs/' : '';
      for (const [, target = ''] of (await readFile(name, 'utf8')).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
        expect(await readFile(folder + target, 'utf8'), `${name} -> ${target}`).to.be.a('string');
      }
    }
  });
});

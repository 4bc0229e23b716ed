import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { configSchema } from '../../src/infrastructure/config/settings/config-schema.js';
import { TestServer } from '../harness/test-server.js';
import { unaligned, withConfigurationTable } from './configuration-table.js';
import { answersOf, examplesOf } from './examples.js';

describe('README.md', () => {
  let page: string;

  before(async () => {
    page = await readFile('README.md', 'utf8');
  });

  it('shows curl lines that work as they are printed', async () => {
    const server = await TestServer.start();
    try {
      const lines = examplesOf(page).flatMap(({ command }) => command.trim().split('\n'));
      expect(lines).to.have.length(6);
      const examples = lines.map((line) => ({
        command: `${line.replace('http://127.0.0.1:23849', server.address)} -s --fail-with-body\n`,
        kind: 'text',
        answer: '',
        from: 0,
        to: 0,
      }));
      const variables = { SYSTEM_KEY: server.systemKey, PROJECT_KEY: server.projectKey };
      const answers = await answersOf(examples, variables, server.folder);
      expect(answers[0]).to.contain("Key 'greeting' set successfully");
      expect(answers[1]).to.contain('"value":"hello"');
      expect(answers[2]).to.equal('hello\n');
      expect(answers[3]).to.contain('"value":1');
      expect(answers[4]).to.contain('"new_api_key":"pkv_');
      expect(answers[5]).to.contain('"to":"lmdb"');
    } finally {
      await server.stop();
    }
  });

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

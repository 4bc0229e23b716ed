import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { TestServer } from '../harness/test-server.js';
import { seriousFindings } from './harness/accessibility.js';
import type { Size } from './harness/console-browser.js';
import { picture } from './harness/picture.js';
import { isTooWide, openView } from './harness/project-view.js';

/** Enough that a move takes longer than a look at it. */
const ENTRIES = 20_000;

describe('The engine of a project in the console', () => {
  let server: TestServer;

  before(async () => {
    server = await TestServer.start();
    await fill('first_project', server.projectKey, ENTRIES);
  });

  after(async () => {
    await server.stop();
  });

  async function fill(project: string, key: string, entries: number): Promise<void> {
    for (let from = 0; from < entries; from += 1000) {
      const operations = Array.from({ length: Math.min(1000, entries - from) }, (_, i) => ({
        put: { key: `key-${from + i}`, json: i },
      }));
      const { status, text } = await server.call('POST', `${project}/transactions`, {
        key,
        body: JSON.stringify({ operations }),
      });
      expect(status, text).to.equal(200);
    }
  }

  async function engineOf(project: string): Promise<string> {
    return (await server.call('GET', project, { key: server.systemKey })).json.data.storage.engine;
  }

  for (const [size, theme, project] of [
    ['wide', 'light', 'first_project'],
    ['narrow', 'dark', 'narrow'],
  ] as [Size, 'light' | 'dark', string][]) {
    it(`is changed with a bar, a rate and the pause measured, and changed back (${size})`, async () => {
      if (project !== 'first_project') await fill(project, await server.project(project), ENTRIES);
      const tab = await openView(server, `projects/${project}/engine`, { size, theme });
      await tab.page.getByRole('heading', { name: 'Kept by JSON file' }).waitFor();
      await tab.page.getByLabel(/^LMDB/).check();
      await tab.page.getByRole('button', { name: 'Move to LMDB' }).click();
      await tab.page.getByRole('heading', { name: 'Moving: JSON file → LMDB' }).waitFor();
      await tab.page.getByRole('progressbar', { name: 'Entries copied' }).waitFor();
      await tab.page.getByRole('heading', { name: 'Kept by JSON file' }).waitFor();
      await tab.shot(`engine-moving-${size}`);
      await tab.page.getByRole('heading', { name: 'JSON file → LMDB: done' }).waitFor({ timeout: 60_000 });
      const facts = await tab.page.locator('.move-facts').textContent();
      expect(facts).to.match(/Entries\s*20,000/);
      expect(facts).to.match(/Rate\s*[\d,]+ entries a second/);
      expect(facts).to.match(/Longest pause of a writer\s*[\d.]+ ms/);
      await tab.page.getByRole('heading', { name: 'Kept by LMDB' }).waitFor();
      await tab.shot(`engine-${size}`);
      if (size === 'wide') await picture(tab, 'console-engine');
      expect(await seriousFindings(tab.page)).to.deep.equal([]);
      expect(await isTooWide(tab)).to.equal(false);
      await tab.page.getByRole('button', { name: 'Go back to JSON file' }).click();
      await tab.page.getByRole('dialog').getByRole('button', { name: 'Go back' }).click();
      await tab.page.getByText('The project is back on JSON file.').waitFor();
      await tab.page.getByRole('heading', { name: 'Kept by JSON file' }).waitFor();
      expect(await engineOf(project)).to.equal('json-file');
      await tab.close();
    });
  }

  it('does not go back after a write, and says what to do', async () => {
    const key = await server.project('written');
    await server.call('PUT', 'written', { key: server.systemKey, body: '{"storage":{"engine":"lmdb"}}' });
    const tab = await openView(server, 'projects/written/engine');
    const back = tab.page.getByRole('button', { name: 'Go back to JSON file' });
    await back.waitFor();
    await server.call('PUT', 'written/store/a', { key, body: '1' });
    await back.click();
    await tab.page.getByRole('dialog').getByRole('button', { name: 'Go back' }).click();
    await tab.page.getByRole('dialog').getByRole('alert').waitFor();
    expect(await engineOf('written')).to.equal('lmdb');
    await tab.close();
  });

  it('is left for the memory only after the name of the project was typed', async () => {
    await server.project('lasting');
    const tab = await openView(server, 'projects/lasting/engine');
    await tab.page.getByLabel(/^Memory/).check();
    await tab.page.getByRole('button', { name: 'Move to Memory' }).click();
    await tab.page.getByText('the next restart of the server empties the project').waitFor();
    await tab.page.keyboard.press('Escape');
    expect(await engineOf('lasting')).to.equal('json-file');
    await tab.close();
  });

  it('asks for the URL of an engine on a server, and says at the field what is wrong with it', async () => {
    await server.project('local');
    const tab = await openView(server, 'projects/local/engine');
    await tab.page.getByLabel(/^PostgreSQL/).check();
    await tab.page.getByLabel('File with the URL').waitFor();
    await tab.page.getByLabel('URL', { exact: true }).fill('postgres://me:hidden@127.0.0.1/test');
    await tab.page.getByRole('button', { name: 'Move to PostgreSQL' }).click();
    const problem = tab.page.locator('.field .problem');
    await problem.waitFor();
    expect(await problem.textContent()).to.not.include('hidden');
    await tab.shot('engine-on-server');
    expect(await seriousFindings(tab.page)).to.deep.equal([]);
    expect(await engineOf('local')).to.equal('json-file');
    await tab.close();
  });

  it('says at the field what is wrong with an option', async () => {
    const tab = await openView(server, 'projects/first_project/engine');
    await tab.page.getByText('Options').click();
    await tab.page.getByLabel('Journal, in bytes').fill('lots');
    await tab.page.getByRole('button', { name: 'Change the options' }).click();
    await tab.page.locator('.field', { hasText: 'Journal, in bytes' }).locator('.problem').waitFor();
    await tab.page.getByLabel('Journal, in bytes').fill('8388608');
    await tab.page.getByRole('button', { name: 'Change the options' }).click();
    await tab.page.getByText('The options are changed. No data had to move.').waitFor();
    await tab.close();
  });

  it('encrypts the values with keys of the server, and stops only after the name was typed', async () => {
    await server.project('secret');
    await writeFile(join(server.folder, 'secret.keys'), Buffer.alloc(32, 9).toString('base64'));
    const tab = await openView(server, 'projects/secret/engine');
    await tab.page.getByRole('button', { name: 'Encrypt the values' }).click();
    await tab.page.getByText('Name the file.').waitFor();
    await tab.page.getByLabel('File', { exact: true }).fill('missing.keys');
    await tab.page.getByRole('button', { name: 'Encrypt the values' }).click();
    await tab.page.getByRole('alert').waitFor();
    await tab.page.getByLabel('File', { exact: true }).fill('secret.keys');
    await tab.page.getByRole('button', { name: 'Encrypt the values' }).click();
    await tab.page.getByText('The values are encrypted with the keys in').waitFor();
    await tab.page.getByRole('heading', { name: /done$/ }).waitFor();
    await tab.page.getByRole('button', { name: 'Remove the encryption' }).click();
    const dialog = tab.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Remove the encryption' }).click();
    await dialog.getByText('This is not “secret”.').waitFor();
    await dialog.getByLabel(/type the name/).fill('secret');
    await dialog.getByRole('button', { name: 'Remove the encryption' }).click();
    await tab.page.getByText('The values are not encrypted on the disk.').waitFor();
    await tab.close();
  });
});

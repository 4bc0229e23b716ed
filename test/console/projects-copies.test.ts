import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { TestServer } from '../harness/test-server.js';
import { seriousFindings } from './harness/accessibility.js';
import type { ConsolePage, Size } from './harness/console-browser.js';
import { isTooWide, openView } from './harness/project-view.js';

describe('Copies of a project in the console', () => {
  let server: TestServer;

  before(async () => {
    server = await TestServer.start();
    for (const key of ['a', 'b', 'c']) await put(key, '1');
  });

  after(async () => {
    await server.stop();
  });

  const put = (key: string, body: string) =>
    server.call('PUT', `first_project/store/${key}`, { key: server.projectKey, body });
  const storedValue = async (key: string) =>
    (await server.call('GET', `first_project/store/${key}/value`, { key: server.projectKey })).text;
  const withKey = () => ({ projects: { first_project: server.projectKey } });

  for (const [size, theme] of [
    ['wide', 'light'],
    ['narrow', 'dark'],
  ] as [Size, 'light' | 'dark'][]) {
    it(`are snapshots, which are taken, verified and restored in place (${size})`, async () => {
      await put('a', '1');
      const tab = await openView(server, 'projects/first_project/snapshots', { size, theme, ...withKey() });
      await tab.page.getByRole('button', { name: 'Take a snapshot' }).click();
      await tab.page.getByText('The snapshot is taken: 3 entries.').waitFor();
      const newest = tab.page.locator('tbody tr').first();
      await newest.getByRole('button', { name: 'Verify' }).click();
      await newest.getByText('Whole, 3').waitFor();
      await tab.shot(`snapshots-${size}`);
      expect(await seriousFindings(tab.page)).to.deep.equal([]);
      expect(await isTooWide(tab)).to.equal(false);
      await put('a', '2');
      await newest.getByRole('button', { name: 'Restore' }).click();
      await tab.page.waitForURL(/restore=/);
      const dialog = tab.page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Replace all entries' }).click();
      await dialog.getByText('This is not “first_project”.').waitFor();
      expect(await storedValue('a')).to.equal('2');
      await dialog.getByLabel(/type the name/).fill('first_project');
      await dialog.getByRole('button', { name: 'Replace all entries' }).click();
      await dialog.getByText('3 entries restored').waitFor();
      expect(await storedValue('a')).to.equal('1');
      await tab.close();
    });
  }

  it('are snapshots that are restored into another project', async () => {
    const key = await server.project('copy');
    const { json } = await server.call('POST', 'first_project/snapshots', { key: server.systemKey });
    const tab = await openView(server, `projects/first_project/snapshots?restore=${json.data.id}`);
    const dialog = tab.page.getByRole('dialog');
    await dialog.getByLabel('Into').selectOption('copy');
    await dialog.getByLabel(/type the name of the project: copy/).fill('copy');
    await dialog.getByRole('button', { name: 'Replace all entries of copy' }).click();
    await dialog.getByText('3 entries restored').waitFor();
    expect((await server.call('GET', 'copy/store/b/value', { key })).text).to.equal('1');
    await tab.close();
  });

  it('are snapshots whose damage shows when they are verified', async () => {
    const { json } = await server.call('POST', 'first_project/snapshots', { key: server.systemKey });
    const folder = join(server.folder, 'storage_data', 'snapshots.portkv', 'first_project');
    await truncate(join(folder, `${json.data.id}.ndjson.gz`), 40);
    const tab = await openView(server, 'projects/first_project/snapshots');
    const newest = tab.page.locator('tbody tr').first();
    await newest.getByRole('button', { name: 'Verify' }).click();
    await newest.getByText('is damaged').waitFor();
    await newest.getByRole('button', { name: /^Delete/ }).click();
    await tab.page
      .getByRole('dialog')
      .getByLabel(/type the name/)
      .fill('first_project');
    await tab.page.keyboard.press('Enter');
    await tab.page.getByText('The snapshot is deleted.').waitFor();
    await tab.close();
  });

  it('are taken on a schedule', async () => {
    const tab = await openView(server, 'projects/first_project/snapshots');
    await tab.page.getByLabel('Take one every').fill('often');
    await tab.page.getByRole('button', { name: 'Save the schedule' }).click();
    await tab.page.getByText('Use a number and s, m, h, d or w, such as 6h').waitFor();
    await tab.page.getByLabel('Take one every').fill('6h');
    await tab.page.getByLabel('Keep the last').fill('4');
    await tab.page.getByRole('button', { name: 'Save the schedule' }).click();
    await tab.page.getByText('A snapshot every 6h; the last 4 are kept.').waitFor();
    const { json } = await server.call('GET', 'first_project', { key: server.systemKey });
    expect(json.data.storage.snapshots).to.deep.equal({ every: '6h', keep: 4 });
    await tab.page.getByRole('button', { name: 'Turn it off' }).click();
    await tab.page.getByText('No snapshots are taken on their own.', { exact: true }).waitFor();
    await tab.close();
  });

  for (const [size, theme] of [
    ['wide', 'dark'],
    ['narrow', 'light'],
  ] as [Size, 'light' | 'dark'][]) {
    it(`are exports, which are downloaded, dropped again, checked and imported (${size})`, async () => {
      await put('a', '1');
      const tab = await openView(server, 'projects/first_project/transfer', { size, theme, ...withKey() });
      await tab.page.getByLabel('Compress it').check();
      const [download] = await Promise.all([
        tab.page.waitForEvent('download'),
        tab.page.getByRole('button', { name: 'Download the export' }).click(),
      ]);
      const file = join(server.folder, download.suggestedFilename());
      await download.saveAs(file);
      expect(
        gunzipSync(await readFile(file))
          .toString()
          .trim()
          .split('\n'),
      ).to.have.lengthOf(5);
      await put('a', '2');
      await put('extra', '1');
      await drop(tab, file);
      await tab.page.getByText('The file is whole: 3 entries').waitFor();
      await tab.page.getByText('1 entry would be written').waitFor();
      await tab.page.getByText('2 entries are there already').waitFor();
      await tab.page.getByLabel(/^Replace/).check();
      await tab.page.getByText('1 entry would be removed').waitFor();
      await tab.shot(`import-${size}`);
      expect(await seriousFindings(tab.page)).to.deep.equal([]);
      expect(await isTooWide(tab)).to.equal(false);
      expect(await storedValue('a'), 'before').to.equal('2');
      await tab.page.getByRole('button', { name: 'Replace all entries' }).click();
      const dialog = tab.page.getByRole('dialog');
      await dialog.getByLabel(/type the name/).fill('first_project');
      await dialog.getByRole('button', { name: 'Replace all entries' }).click();
      await tab.page.getByText('Imported: 3 entries read').waitFor();
      expect(await storedValue('a'), 'afterwards').to.equal('1');
      expect(await storedValue('extra')).to.include('not found');
      await tab.close();
    });
  }

  it('are files whose wrong line is named before anything is written', async () => {
    const file = join(server.folder, 'wrong.ndjson');
    await writeFile(file, '{"format":"portkv-export","version":1}\nno JSON\n');
    const tab = await openView(server, 'projects/first_project/transfer', withKey());
    await tab.page.locator('input[type=file]').setInputFiles(file);
    await tab.page
      .getByRole('alert')
      .getByText(/Line [12]/)
      .waitFor();
    expect(await tab.page.getByRole('button', { name: /^Import/ }).count()).to.equal(0);
    await tab.close();
  });
});

/** Drops a file from the disk, as from a window of files. */
async function drop({ page }: ConsolePage, path: string): Promise<void> {
  const bytes = (await readFile(path)).toString('base64');
  const data = await page.evaluateHandle((base64) => {
    const transfer = new DataTransfer();
    const content = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([content], 'export.ndjson.gz'));
    return transfer;
  }, bytes);
  await page.dispatchEvent('.drop-zone', 'drop', { dataTransfer: data });
}

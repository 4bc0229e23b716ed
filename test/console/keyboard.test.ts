import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { TestServer } from '../harness/test-server.js';
import { ConsolePage } from './harness/console-browser.js';

describe('The console by keyboard alone', () => {
  let server: TestServer;

  before(async () => {
    server = await TestServer.start();
  });

  after(() => server.stop());

  it('signs in, makes a project, moves it to another engine, takes a snapshot, and looks at the server', async () => {
    const tab = await ConsolePage.open(server.address);
    const { page } = tab;
    await page.getByRole('heading', { name: 'Sign in with a key' }).waitFor();
    await tabTo(page, 'Key');
    await page.keyboard.type(server.systemKey);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    await press(page, 'Create a project');
    await page.getByRole('dialog', { name: 'Create a project' }).waitFor();
    await tabTo(page, 'Name');
    await page.keyboard.type('by-keyboard');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'The key of by-keyboard' }).waitFor();
    await press(page, 'I have stored it');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await press(page, 'Engine');
    await page.getByRole('heading', { name: 'Kept by JSON file' }).waitFor();
    await tabTo(page, 'JSON file');
    await page.keyboard.press('ArrowDown');
    await press(page, 'Move to LMDB');
    await page.getByRole('heading', { name: 'JSON file → LMDB: done' }).waitFor();
    await press(page, 'Snapshots');
    await press(page, 'Take a snapshot');
    await page.getByText('The snapshot is taken').waitFor();
    await press(page, 'Export and import');
    const download = page.waitForEvent('download');
    await press(page, 'Download the export');
    const file = await (await download).path();
    await page.getByText('0 entries exported.').waitFor();
    const key = (await page.evaluate(() => sessionStorage.getItem('portkv.keys'))) ?? '';
    expect(key, 'not kept').to.equal('');
    const chooser = page.waitForEvent('filechooser');
    await press(page, 'Choose a file');
    await (await chooser).setFiles(file);
    await page.getByText('The file is whole: 0 entries').waitFor();
    await press(page, 'Import 0 entries');
    await page.getByText('Imported: 0 entries read').waitFor();
    await press(page, 'Server');
    await page.getByText('Every project is served').waitFor();
    await press(page, '15 min');
    await page.waitForURL(/server\?minutes=15$/);
    const { json } = await server.call('GET', 'by-keyboard', { key: server.systemKey });
    expect(json.data.storage.engine).to.equal('lmdb');
    await tab.close();
  });
});

/** Presses what the tabulator reaches under this name. */
async function press(page: Page, name: string): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}

/** Moves on with the tabulator until the element with the focus begins with this name; it must be seen to have it. */
async function tabTo(page: Page, name: string): Promise<void> {
  const reached: string[] = [];
  for (let i = 0; i < 200; i++) {
    const [now, isMarked] = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement;
      const isOutlined = [element, element.closest('label')].some(
        (one) => one !== null && getComputedStyle(one).outlineStyle !== 'none',
      );
      const label = element.labels?.[0]?.textContent ?? element.textContent ?? '';
      const text = element.getAttribute('aria-label') ?? label;
      return [text.trim(), element.matches(':focus-visible') && isOutlined] as const;
    });
    if (now.replace(/( now)?One file that.*/, '') === name) {
      expect(isMarked, `the focus is seen at ${name}`).to.equal(true);
      return;
    }
    reached.push(now.slice(0, 30));
    await page.keyboard.press('Tab');
  }
  throw new Error(`No tabulator leads to ${name}, only to ${[...new Set(reached)].join(' | ')}`);
}

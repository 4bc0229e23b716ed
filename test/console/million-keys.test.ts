import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConsolePage } from './harness/console-browser.js';
import { ConsoleProject } from './harness/console-project.js';

const KEYS = 1_000_000;
/** No task of the page may hold it up for as long. */
const STALL_MS = 1500;

describe('A million keys in the console', () => {
  let project: ConsoleProject;
  let key: string;

  before(async function () {
    this.timeout(240_000);
    project = await ConsoleProject.start();
    const { server } = project;
    await writeFile(join(server.folder, 'storage_data', 'million_store.json'), storeOf(KEYS));
    const body = JSON.stringify({ id: 'million', storage: { engine: 'json-file' } });
    const { json, text } = await server.call('POST', '/api/v1/projects?existing=adopt', {
      key: server.systemKey,
      body,
    });
    expect(json?.data?.new_api_key, text).to.be.a('string');
    key = json.data.new_api_key;
  });

  after(async () => {
    await project.stop();
  });

  it('are listed, scrolled, searched and opened without a stall', async () => {
    const tab = await ConsolePage.open(project.server.address, { path: 'projects/million/keys?separator=' });
    const { page } = tab;
    await page.evaluate(() => {
      const tasks: number[] = [];
      Object.assign(globalThis, { longTasks: tasks });
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
        entryTypes: ['longtask'],
      });
    });
    await tab.signIn(key);
    await page.getByText('1,000,000 keys').waitFor();
    await page.getByRole('treeitem', { name: /^flat\/0000000/ }).waitFor();
    await page.getByRole('tree').focus();
    for (let i = 0; i < 10; i += 1) {
      await page.keyboard.press('End');
      await page.waitForTimeout(150);
    }
    expect(await page.getByRole('treeitem').count()).to.be.below(120);
    await page.keyboard.press('/');
    await page.keyboard.type('tree/501/0777');
    await page.getByRole('treeitem', { name: /^501/ }).first().click();
    await page.getByRole('heading', { name: 'tree/501/0777501' }).waitFor();
    await page.getByLabel('Order').selectOption('Last to first');
    await page.getByLabel('Search keys by prefix').fill('');
    await page.getByRole('treeitem', { name: /^tree\/999\/0999999/ }).waitFor();
    await page.getByLabel('Order').selectOption('First to last');
    await page.getByLabel('Folders').selectOption('Folders by /');
    await page.getByRole('treeitem', { name: /^tree\/.*1,000\+/ }).click();
    await page.getByRole('treeitem', { name: /^001\/.*1,000/ }).waitFor();
    await tab.shot('million');
    const tasks = await page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks);
    expect(tasks.filter((ms) => ms > STALL_MS)).to.deep.equal([]);
    await tab.close();
  });
});

/** A store file: half of the keys in one folder, half in a thousand. Importing them would take longer than the test. */
function storeOf(count: number): string {
  const times = '"created_at":1763625600,"updated_at":1763625600';
  const lines = Array.from({ length: count }, (_, i) => {
    const number = String(i).padStart(7, '0');
    const key = i % 2 === 0 ? `flat/${number}` : `tree/${String(i % 1000).padStart(3, '0')}/${number}`;
    return `"${key}":{"value":${key.length},${times}}`;
  });
  return `{${lines.sort().join(',\n')}}`;
}

import { createHash } from 'node:crypto';
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
    const body = JSON.stringify({ id: 'million', storage: { engine: 'memory' } });
    const { json } = await server.call('POST', '/api/v1/projects', { key: server.systemKey, body });
    key = json.data.new_api_key;
    const { text, status } = await server.call('POST', 'million/import', { key, body: exportOf(KEYS) });
    expect(status, text).to.equal(200);
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

/** Half of the keys in one folder, half in a thousand. */
function exportOf(count: number): string {
  const keys = Array.from({ length: count }, (_, i) => {
    const number = String(i).padStart(7, '0');
    return i % 2 === 0 ? `flat/${number}` : `tree/${String(i % 1000).padStart(3, '0')}/${number}`;
  });
  const header = '{"format":"portkv-export","version":1,"project":"million","created_at":1763625600}\n';
  const times = '"content_type":"application/json","version":"1","created_at":1763625600,"updated_at":1763625600';
  const body =
    header +
    keys
      .sort()
      .map((key) => `{"key":"${key}",${times},"json":${key.length}}\n`)
      .join('');
  const sha256 = createHash('sha256').update(body).digest('hex');
  return `${body}${JSON.stringify({ count, sha256 })}\n`;
}

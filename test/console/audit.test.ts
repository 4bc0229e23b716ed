import { expect } from 'chai';
import { TestServer } from '../harness/test-server.js';
import { seriousFindings } from './harness/accessibility.js';
import { ConsolePage, type Size } from './harness/console-browser.js';

describe('The audit log in the console', () => {
  let server: TestServer;

  before(async () => {
    server = await TestServer.start();
  });

  after(() => server.stop());

  async function open(size: Size = 'wide'): Promise<ConsolePage> {
    const tab = await ConsolePage.open(server.address, { size, path: 'audit' });
    await tab.signIn(server.systemKey);
    return tab;
  }

  for (const size of ['wide', 'narrow'] as Size[]) {
    it(`shows who did what, by project, action and outcome, page by page (${size})`, async () => {
      for (let i = 0; i < 2; i++) {
        await server.call('POST', 'first_project/api-keys', {
          key: server.projectKey,
          body: `{"name":"${size}-${i}","scopes":["read"]}`,
        });
      }
      await server.call('DELETE', 'first_project/api-keys/none', { key: server.projectKey });
      const tab = await open(size);
      const { page } = tab;
      const rows = page.locator('tbody tr');
      await rows.filter({ hasText: 'Create api key' }).first().waitFor();
      await tab.shot(`audit-${size}`);
      expect(await seriousFindings(page)).to.deep.equal([]);
      await page.getByRole('button', { name: 'Refused or failed' }).click();
      await rows.filter({ hasText: 'Create api key' }).first().waitFor({ state: 'detached' });
      await rows.filter({ hasText: 'not_found' }).first().waitFor();
      await page.getByLabel('Project').selectOption('first_project');
      await page.getByRole('button', { name: 'All', exact: true }).click();
      await page.getByLabel('Action').fill('createApiKey');
      await page.waitForURL(/audit\?project=first_project&act=createApiKey$/);
      await rows.filter({ hasText: 'Delete api key' }).first().waitFor({ state: 'detached' });
      await page.emulateMedia({ colorScheme: 'dark' });
      await tab.shot(`audit-dark-${size}`);
      expect(await seriousFindings(page)).to.deep.equal([]);
      await page.getByLabel('Action').fill('none');
      await page.getByRole('heading', { name: 'No record matches the filter' }).waitFor();
      await tab.close();
    });
  }

  it('shows earlier records of the audit log page by page', async () => {
    for (let i = 1; i <= 101; i++) {
      const body = JSON.stringify({ limits: { max_keys: i } });
      await server.call('PUT', 'first_project', { key: server.systemKey, body });
    }
    const tab = await open();
    const rows = tab.page.locator('tbody tr');
    await tab.page.getByRole('button', { name: 'Show earlier records' }).waitFor();
    const first = await rows.count();
    expect(first).to.equal(100);
    await tab.page.getByRole('button', { name: 'Show earlier records' }).click();
    await rows.nth(100).waitFor();
    const ids = await rows.locator('td:last-child').allTextContents();
    expect(new Set(ids).size).to.equal(ids.length);
    await tab.close();
  });
});

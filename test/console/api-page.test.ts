import { expect } from 'chai';
import { TestServer } from '../harness/test-server.js';
import { seriousFindings } from './harness/accessibility.js';
import { ConsolePage, type Size } from './harness/console-browser.js';

describe('The page of the API at /docs', () => {
  let server: TestServer;

  before(async () => {
    server = await TestServer.start();
    await server.call('PUT', 'first_project/store/a', { key: server.projectKey, body: '"the value"' });
  });

  after(() => server.stop());

  async function open(size: Size = 'wide', theme: 'light' | 'dark' = 'light'): Promise<ConsolePage> {
    const tab = await ConsolePage.open(server.address, { size, theme });
    await tab.page.goto(`${server.address}/docs`);
    await tab.page.locator('.opblock').first().waitFor();
    return tab;
  }

  it('takes one key, says which, and shares it with the console for the session', async () => {
    const tab = await open();
    const { page } = tab;
    await page.getByText('Paste a key of a project for its entries and settings, or the system key').waitFor();
    expect(await page.getByRole('button', { name: /authori[sz]e/i }).count()).to.equal(0);
    await page.getByLabel('API key').fill('pkv_wrong');
    await page.getByRole('button', { name: 'Use' }).click();
    await page.getByText('Nothing was changed.').waitFor();
    await page.getByLabel('API key').fill(server.projectKey);
    await page.getByLabel('keep it in this tab').check();
    await page.getByRole('button', { name: 'Use' }).click();
    await page.getByText('Used for requests: a key of project first_project.').waitFor();
    const operation = page.locator('.opblock', {
      has: page.locator('[data-path="/api/v1/projects/{project}/store/{key}/value"]'),
    });
    await operation.locator('.opblock-summary').first().click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    await operation.getByPlaceholder('project').fill('first_project');
    await operation.getByPlaceholder('key').fill('a');
    await operation.getByRole('button', { name: 'Execute' }).click();
    await operation.getByText('"the value"').first().waitFor();
    await tab.shot('docs-wide');
    await page.getByRole('link', { name: 'Errors', exact: true }).click();
    await page.getByRole('heading', { name: 'precondition_failed' }).waitFor();
    await page.getByRole('link', { name: 'Console' }).click();
    await page.getByRole('button', { name: 'first_project: primary' }).waitFor();
    await tab.close();
  });

  it('shows no HEAD or OPTIONS, errors in one line, and no stream that would never end', async () => {
    const tab = await open();
    const { page } = tab;
    const methods = new Set(await page.locator('.opblock-summary-method').allTextContents());
    expect([...methods].sort()).to.deep.equal(['DELETE', 'GET', 'PATCH', 'POST', 'PUT']);
    const changes = page.locator('.opblock', { has: page.locator('[data-path$="/changes"]') });
    await changes.locator('.opblock-summary').click();
    await changes.locator('.responses-table').waitFor();
    expect(await changes.locator('option', { hasText: 'event-stream' }).count()).to.equal(0);
    expect(await changes.locator('tr.response[data-code^="4"]').count()).to.equal(0);
    await changes.getByText('see the list of errors').waitFor();
    await changes.getByRole('button', { name: 'Try it out' }).click();
    await changes.getByPlaceholder('project').fill('first_project');
    await changes.getByRole('button', { name: 'Execute' }).click();
    await changes.locator('.live-responses-table').waitFor();
    await tab.close();
  });

  for (const [size, theme] of [
    ['wide', 'dark'],
    ['narrow', 'light'],
  ] as [Size, 'light' | 'dark'][]) {
    it(`is read without sideways scrolling, in ${theme} colours (${size})`, async () => {
      const tab = await open(size, theme);
      const { page } = tab;
      const wider = () =>
        page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(await wider()).to.equal(0);
      const first = page.locator('.opblock').nth(3);
      await first.locator('.opblock-summary').click();
      await first.locator('.responses-table').waitFor();
      expect(await wider()).to.equal(0);
      await tab.shot(`docs-${theme}-${size}`);
      const [back = 0, text = 0] = await page.evaluate(() =>
        [document.body, document.querySelector('.opblock-summary-path') as Element].map((element, i) => {
          const style = getComputedStyle(element);
          const [, r = '0'] = /(\d+)/.exec(i === 0 ? style.backgroundColor : style.color) ?? [];
          return Number(r);
        }),
      );
      expect(theme === 'dark' ? text - back : back - text).to.be.above(100);
      await first.getByRole('button', { name: 'Try it out' }).click();
      await first.getByRole('button', { name: 'Execute' }).waitFor();
      expect(await seriousFindings(page)).to.deep.equal([]);
      await tab.close();
    });
  }
});

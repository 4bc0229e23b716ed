import { expect } from 'chai';
import { TestServer } from '../harness/test-server.js';
import { seriousFindings } from './harness/accessibility.js';
import type { Size } from './harness/console-browser.js';
import { isTooWide, openView } from './harness/project-view.js';

describe('The settings of a project in the console', () => {
  let server: TestServer;

  before(async () => {
    server = await TestServer.start();
  });

  after(async () => {
    await server.stop();
  });

  async function settings() {
    return (await server.call('GET', 'first_project', { key: server.systemKey })).json.data;
  }

  for (const [size, theme] of [
    ['wide', 'dark'],
    ['narrow', 'light'],
  ] as [Size, 'light' | 'dark'][]) {
    it(`are a form, which says at each field what is wrong (${size})`, async () => {
      const tab = await openView(server, 'projects/first_project/settings', { size, theme });
      await tab.page.getByLabel('Most keys').fill('many');
      await tab.page.getByLabel('JSON Schema of values').fill('{"type": ');
      await tab.page.getByLabel('Allowed origins').selectOption('own');
      await tab.page.getByLabel('Origins, one a line').fill('https://example.org/page');
      await tab.page.getByRole('button', { name: 'Save' }).click();
      await tab.page.getByText('Use a whole number, such as 1000000').waitFor();
      await tab.page.getByText('“https://example.org/page” is no origin').waitFor();
      await tab.shot(`settings-${size}`);
      expect(await seriousFindings(tab.page)).to.deep.equal([]);
      expect(await isTooWide(tab)).to.equal(false);
      await tab.page.getByLabel('Most keys').fill('1,000');
      await tab.page.getByLabel('JSON Schema of values').fill('');
      await tab.page.getByLabel('Pattern of keys').fill('[a-z');
      await tab.page.getByLabel('Origins, one a line').fill('https://example.org\nhttps://example.com:8080');
      await tab.page.getByRole('button', { name: 'Save' }).click();
      await tab.page.locator('#content .field', { hasText: 'Pattern of keys' }).locator('.problem').waitFor();
      await tab.page.getByText('request').first().waitFor();
      await tab.page.getByLabel('Pattern of keys').fill('[a-z]+');
      await tab.page.getByRole('button', { name: 'Save' }).click();
      await tab.page.getByText('The settings are saved.').waitFor();
      expect(await settings()).to.deep.include({
        cors: { origins: ['https://example.org', 'https://example.com:8080'] },
        limits: { strict_json: true, max_keys: 1000, key_pattern: '[a-z]+' },
      });
      await tab.page.getByLabel('Allowed origins').selectOption('server');
      await tab.page.getByLabel('Most keys').fill('');
      await tab.page.getByLabel('Pattern of keys').fill('');
      await tab.page.getByRole('button', { name: 'Save' }).click();
      await tab.page.getByText('Everything is saved.').waitFor();
      expect(await settings()).to.not.have.property('cors');
      expect((await settings()).limits).to.deep.equal({ strict_json: true });
      await tab.close();
    });
  }

  it('are JSON, too; what is taken out of it is taken out of them', async () => {
    await server.call('PUT', 'first_project', { key: server.systemKey, body: '{"limits":{"max_keys":5}}' });
    const tab = await openView(server, 'projects/first_project/settings?as=json');
    const text = tab.page.getByLabel('Settings', { exact: true });
    const shown = JSON.parse(await text.inputValue());
    expect(shown.limits).to.deep.equal({ strict_json: true, max_keys: 5 });
    await text.fill('{"storage": ');
    await tab.page.locator('.problem', { hasText: /JSON/ }).waitFor();
    await text.fill(JSON.stringify({ ...shown, limits: { strict_json: true, max_kees: 5 } }));
    await tab.page.getByRole('button', { name: 'Save' }).click();
    await tab.page.getByText('max_kees').first().waitFor();
    await tab.shot('settings-json-wide');
    expect(await seriousFindings(tab.page)).to.deep.equal([]);
    await text.fill(JSON.stringify({ ...shown, limits: { strict_json: true } }));
    await tab.page.getByText('The same by curl').click();
    await tab.page.getByText(`-d '{"limits":{"max_keys":null}}'`).waitFor();
    await tab.page.getByRole('button', { name: 'Save' }).click();
    await tab.page.getByText('The settings are saved.').waitFor();
    expect((await settings()).limits).to.deep.equal({ strict_json: true });
    await tab.close();
  });

  it('stay in the form if they cannot be saved, with the words for the cause', async () => {
    const tab = await openView(server, 'projects/first_project/settings');
    const field = tab.page.getByLabel('Most keys');
    await field.fill('77');
    const fails = async (how: Parameters<typeof tab.page.route>[1], words: string | RegExp) => {
      await tab.page.route('**/projects/first_project', how);
      await tab.page.getByRole('button', { name: 'Save' }).click();
      await tab.page.getByRole('alert').getByText(words).first().waitFor();
      expect(await field.inputValue()).to.equal('77');
      await tab.page.unroute('**/projects/first_project');
    };
    const error = (status: number, code: string, details: object = {}) => ({
      status,
      headers: { 'retry-after': '9', 'x-request-id': 'the-request' },
      json: { System: null, data: null, message: `It is ${code}`, status_code: status, error: { code, ...details } },
    });
    await fails((route) => route.abort(), 'Check that the server runs');
    await fails((route) => route.fulfill(error(429, 'rate_limited')), 'Try again in 9 seconds');
    await fails(
      (route) => route.fulfill(error(507, 'insufficient_storage', { free_bytes: 1 })),
      'The disk of the server is full',
    );
    await fails((route) => route.fulfill(error(409, 'conflict')), 'the-request');
    await tab.page.getByRole('link', { name: 'Snapshots' }).click();
    await tab.page.waitForURL(/snapshots$/);
    await tab.page.goBack();
    expect(await field.inputValue(), 'after another view').to.equal('77');
    await tab.page.getByRole('button', { name: 'Discard' }).click();
    expect(await field.inputValue()).to.equal('');
    await tab.close();
  });

  it('are shown after the server was away while the view was opened, and so are the other views', async () => {
    const tab = await openView(server, 'projects/first_project/live');
    const { page } = tab;
    const parts = /assets\/(settings-view|server-view|uPlot)/;
    await page.route(parts, (route) => route.abort());
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByText('This view is not loaded yet.').waitFor();
    await page.unroute(parts);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByLabel('Most keys').waitFor();
    await page.route(/assets\/uPlot/, (route) => route.abort(), { times: 1 });
    await page.getByRole('link', { name: 'Server' }).click();
    await page.locator('.plot canvas').first().waitFor();
    await tab.close();
  });
});

import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { generatedKeyId, generateKey } from '../../src/infrastructure/security/generated-key.js';
import { MovableClock } from '../harness/movable-clock.js';
import { TestServer } from '../harness/test-server.js';
import { seriousFindings } from './harness/accessibility.js';
import { ConsolePage, type Size } from './harness/console-browser.js';

describe('Signing in to the console', () => {
  let server: TestServer;

  before(async () => {
    server = await TestServer.start();
  });

  after(async () => {
    await server.stop();
  });

  for (const size of ['wide', 'narrow'] as Size[]) {
    it(`opens the project of a key, and shows what the key may do (${size})`, async () => {
      const tab = await ConsolePage.open(server.address, { size });
      await tab.page.getByRole('heading', { name: 'Sign in with a key' }).waitFor();
      console.log(`    the first paint came ${await firstPaint(tab.page)} ms after the browser asked for the page`);
      await tab.shot(`sign-in-${size}`);
      expect(await seriousFindings(tab.page)).to.deep.equal([]);
      await tab.signIn(server.projectKey);
      await tab.page.waitForURL(/\/console\/projects\/first_project\/keys$/);
      if (size === 'narrow') await tab.page.getByRole('button', { name: 'Menu' }).click();
      await tab.page.getByRole('button', { name: 'first_project: primary' }).click();
      await tab.page.getByText('May do everything in this project').waitFor();
      await tab.shot(`keys-of-session-${size}`);
      expect(await seriousFindings(tab.page)).to.deep.equal([]);
      await tab.close();
    });
  }

  it('takes both kinds of keys at once', async () => {
    const tab = await ConsolePage.open(server.address);
    await tab.signIn(server.systemKey);
    await tab.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    await tab.page.getByText('To see its data, add a key of this project.').waitFor();
    await tab.page.getByRole('button', { name: 'System key' }).click();
    await tab.page.getByRole('dialog').getByLabel('Key', { exact: true }).fill(server.projectKey);
    await tab.page.getByRole('button', { name: 'Add', exact: true }).click();
    await tab.page.waitForURL(/first_project\/keys/);
    await tab.page.getByRole('button', { name: '2 keys' }).waitFor();
    await tab.close();
  });

  it('keeps keys in memory only, unless it is asked to keep them in the tab, and never in an address', async () => {
    const tab = await ConsolePage.open(server.address);
    await tab.signIn(server.projectKey);
    await tab.page.waitForURL(/first_project\/keys/);
    expect(await tab.page.evaluate(() => sessionStorage.length + localStorage.length)).to.equal(0);
    await tab.page.reload();
    await tab.page.getByLabel('Keep it in this tab').check();
    await tab.signIn(server.projectKey);
    await tab.page.getByRole('button', { name: 'first_project: primary' }).waitFor();
    await tab.page.reload();
    await tab.page.getByRole('button', { name: 'first_project: primary' }).waitFor();
    expect(tab.page.url()).not.to.include('pkv_');
    await tab.close();
  });

  it('says in words what is wrong with a key', async () => {
    const tab = await ConsolePage.open(server.address);
    const says = async (key: string, words: string) => {
      await tab.signIn(key);
      await tab.page.getByRole('alert').getByText(words).waitFor();
    };
    await says('pkv_abc', 'This key is not complete.');
    await says(`SYSTEM_KEY=${server.systemKey}`, 'This is a whole line.');
    await says(`${server.systemKey} ${server.projectKey}`, 'This is more than one key.');
    await says(other(server.projectKey), 'The server does not accept this key.');
    await tab.shot('sign-in-refused');
    expect(await seriousFindings(tab.page)).to.deep.equal([]);
    await tab.page.route('**/whoami', (route) => route.abort());
    await says(server.projectKey, 'The server does not answer.');
    await tab.close();
  });

  it('has other words for a locked key than for a client that asks too often', async () => {
    const still = new MovableClock();
    still.at = Date.now();
    const strict = await TestServer.start(still);
    const wrong = generateKey(generatedKeyId(strict.projectKey)).secret;
    while ((await strict.call('GET', '/api/v1/whoami', { key: wrong })).status !== 429);
    const tab = await ConsolePage.open(strict.address);
    await tab.signIn(wrong);
    await tab.page
      .getByText('This key is locked for a moment, after too many wrong tries from your address.')
      .waitFor();
    await tab.page.getByText(/Try again in \d+ seconds\./).waitFor();
    await tab.shot('sign-in-locked');
    await strict.configure({ rate_limits: { per_address: { requests: 1, seconds: 600 } } });
    await strict.call('GET', '/api/v1/whoami', { key: strict.systemKey });
    // The server has another port after its start.
    await tab.page.route('**/whoami', async (route) => {
      await route.fulfill({ response: await route.fetch({ url: `${strict.address}/api/v1/whoami` }) });
    });
    await tab.signIn(strict.systemKey);
    await tab.page.getByText('Too many requests from your address.').waitFor();
    await tab.close();
    await strict.stop();
  });

  it('says that a key has expired which this tab had', async () => {
    const clock = new MovableClock();
    const later = await TestServer.start(clock);
    const body = JSON.stringify({ name: 'brief', scopes: ['read', 'list'], expires_in: 3600 });
    const made = await later.call('POST', 'first_project/api-keys', { key: later.projectKey, body });
    const { key } = made.json.data;
    const tab = await ConsolePage.open(later.address);
    await tab.signIn(key);
    await tab.page.getByRole('button', { name: 'first_project: brief' }).click();
    const dialog = tab.page.getByRole('dialog');
    await dialog.getByText('Expires in').waitFor();
    clock.shift = 3_600_000;
    await tab.page.evaluate(() => {
      const now = Date.now;
      Date.now = () => now() + 3_600_000;
    });
    await dialog.getByLabel('Key', { exact: true }).fill(key);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByText('This key has expired.').waitFor();
    await tab.close();
    await later.stop();
  });
});

/** A key that has the form of this one and is another. */
function other(key: string): string {
  return key.replace(/_[0-9a-z]{8}_/, '_zzzzzzzz_');
}

async function firstPaint(page: Page): Promise<number> {
  return page.evaluate(() => Math.round(performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1));
}

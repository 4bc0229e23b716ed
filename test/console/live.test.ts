import { expect } from 'chai';
import { TestServer } from '../harness/test-server.js';
import { seriousFindings } from './harness/accessibility.js';
import { ConsolePage, type Size } from './harness/console-browser.js';
import { Forwarder } from './harness/forwarder.js';

describe('The live view of the console', () => {
  let server: TestServer;
  let forwarder: Forwarder;

  before(async () => {
    server = await TestServer.start();
    forwarder = await Forwarder.start(server.address);
  });

  after(async () => {
    await forwarder.stop();
    await server.stop();
  });

  const put = (key: string, value = 'x', more = '') =>
    server.call('PUT', `first_project/values?key=${encodeURIComponent(key)}${more}`, {
      key: server.projectKey,
      body: value,
    });

  const remove = (key: string) =>
    server.call('DELETE', `first_project/values?key=${encodeURIComponent(key)}`, { key: server.projectKey });

  async function openLive(options: { size?: Size; query?: string } = {}) {
    const tab = await ConsolePage.open(forwarder.address, options);
    await tab.page.goto(`${tab.address}projects/first_project/live${options.query ?? ''}`);
    await tab.signIn(server.projectKey);
    await tab.page.getByText('Connected', { exact: true }).waitFor();
    return tab;
  }

  for (const size of ['wide', 'narrow'] as Size[]) {
    it(`shows what is written, deleted and expires as it happens, and says what to do before (${size})`, async () => {
      const tab = await openLive({ size });
      const list = tab.page.getByRole('list', { name: 'Changes, latest first' });
      await tab.page.getByRole('heading', { name: 'Nothing has changed yet' }).waitFor();
      await tab.page.getByText('curl -X PUT').waitFor();
      await tab.shot(`live-empty-${size}`);
      expect(await seriousFindings(tab.page)).to.deep.equal([]);
      await put('weather/today', '{"degrees":21}');
      await put('<b>"ключ" 🦊</b>');
      await put('soon', 'gone', '&ttl=1');
      await remove('weather/today');
      await list.getByRole('listitem').filter({ hasText: 'Written' }).filter({ hasText: '<b>"ключ" 🦊</b>' }).waitFor();
      await list.getByRole('listitem').filter({ hasText: 'Deleted' }).filter({ hasText: 'weather/today' }).waitFor();
      await list.getByRole('listitem').filter({ hasText: 'Expired' }).filter({ hasText: 'soon' }).waitFor();
      expect(await list.getByRole('listitem').first().textContent()).to.include('Expired');
      await tab.page.getByRole('img', { name: /changes in the last minute/ }).waitFor();
      await tab.shot(`live-${size}`);
      await tab.page.emulateMedia({ colorScheme: 'dark' });
      await tab.shot(`live-dark-${size}`);
      expect(await seriousFindings(tab.page)).to.deep.equal([]);
      await tab.close();
    });
  }

  it('filters by the begin of the key, a text in it and the kind, and keeps the filter in its address', async () => {
    const tab = await openLive();
    const rows = tab.page.getByRole('list', { name: 'Changes, latest first' }).getByRole('listitem');
    for (const key of ['city/Rome', 'city/Oslo', 'land/Rome']) await put(key);
    await remove('city/Rome');
    await rows.filter({ hasText: 'Deleted' }).waitFor();
    await tab.page.getByLabel('Key begins with').fill('city/');
    await tab.page.getByLabel('Key contains').fill('rome');
    await tab.page.getByRole('button', { name: 'Written' }).click();
    await rows.filter({ hasText: 'land' }).waitFor({ state: 'detached' });
    expect(await rows.allTextContents()).to.have.lengthOf(1);
    expect(tab.page.url()).to.match(/live\?prefix=city%2F&kind=put&text=rome$/);
    await put('land/Rome');
    await put('city/Rome2');
    await rows.filter({ hasText: 'city/Rome2' }).waitFor();
    expect(await rows.allTextContents()).to.have.lengthOf(2);
    await tab.page.getByRole('button', { name: 'Expired' }).click();
    await tab.page.getByRole('heading', { name: 'No change matches the filter' }).waitFor();
    await tab.close();
    const other = await openLive({ query: '?prefix=city%2F&kind=delete' });
    expect(await other.page.getByLabel('Key begins with').inputValue()).to.equal('city/');
    await put('city/Bern');
    await remove('city/Bern');
    await other.page.getByRole('listitem').filter({ hasText: 'Deleted' }).filter({ hasText: 'city/Bern' }).waitFor();
    expect(await other.page.getByRole('listitem').filter({ hasText: 'Written' }).count()).to.equal(0);
    await other.close();
  });

  it('pauses by the keyboard, says how many lines wait, and keeps the last thousand', async () => {
    const tab = await openLive();
    const rows = tab.page.getByRole('list', { name: 'Changes, latest first' }).getByRole('listitem');
    await put('before');
    await rows.filter({ hasText: 'before' }).waitFor();
    await tab.page.getByRole('button', { name: 'Pause' }).focus();
    await tab.page.keyboard.press('Enter');
    await tab.page.getByText('Paused. Nothing new yet.').waitFor();
    await put('during');
    await tab.page.getByText('Paused. 1 new line waits.').waitFor();
    expect(await rows.filter({ hasText: 'during' }).count()).to.equal(0);
    await tab.shot('live-paused');
    expect(await seriousFindings(tab.page)).to.deep.equal([]);
    for (const from of [0, 600]) {
      const operations = Array.from({ length: 600 }, (_, i) => ({ put: { key: `many/${from + i}`, text: 'x' } }));
      const body = JSON.stringify({ operations });
      const { status, text } = await server.call('POST', 'first_project/transactions', {
        key: server.projectKey,
        body,
      });
      expect(status, text).to.equal(200);
    }
    await tab.page.getByText('Paused. 1,201 new lines wait. The last 1,000 of them are kept.').waitFor();
    await tab.page.getByRole('button', { name: 'Go on' }).click();
    await rows.filter({ hasText: 'many/1199' }).waitFor();
    await tab.page.getByRole('button', { name: 'Show earlier changes' }).click();
    await tab.page.waitForFunction(() => document.querySelectorAll('.change-list li').length === 400);
    await tab.close();
  });

  it('blinks in the list of keys, which shows what others write and delete', async () => {
    const tab = await ConsolePage.open(server.address);
    await tab.page.goto(`${tab.address}projects/first_project/keys`);
    await tab.signIn(server.projectKey);
    const metrics = () => server.call('GET', '/metrics', { key: server.systemKey });
    while (!/^portkv_watches_open [1-9]/m.test((await metrics()).text)) await tab.page.waitForTimeout(50);
    await put('blinking');
    await tab.page.locator('.key-row.blinking').filter({ hasText: 'blinking' }).waitFor();
    const written = tab.page.locator('.key-row').filter({ hasText: 'blinking' });
    expect(await written.textContent()).to.match(/1 byte *(just now|\d+ seconds ago)/);
    expect(await written.locator('.name').getAttribute('title')).to.match(/^blinking\n[A-Z][a-z]+ \d+, 20\d\d, [\d:]+/);
    await tab.page.locator('.key-row.blinking').waitFor({ state: 'detached' });
    await put('blinking', 'again');
    await tab.page.locator('.key-row.blinking').filter({ hasText: 'blinking' }).waitFor();
    await remove('blinking');
    await tab.page.locator('.key-row').filter({ hasText: 'blinking' }).waitFor({ state: 'detached' });
    await tab.close();
  });

  it('ends its stream while the page is kept for the way back, and misses nothing after that', async () => {
    const tab = await openLive();
    const rows = tab.page.getByRole('list', { name: 'Changes, latest first' }).getByRole('listitem');
    await put('before-leaving');
    await rows.filter({ hasText: 'before-leaving' }).waitFor();
    const transition = (type: string) =>
      tab.page.evaluate((name) => dispatchEvent(new PageTransitionEvent(name, { persisted: true })), type);
    await transition('pagehide');
    const metrics = () => server.call('GET', '/metrics', { key: server.systemKey });
    while (!/^portkv_watches_open 0$/m.test((await metrics()).text)) await tab.page.waitForTimeout(20);
    await put('while-hidden');
    await transition('pageshow');
    await rows.filter({ hasText: 'while-hidden' }).waitFor();
    await tab.close();
  });

  it('connects again after a break, says so, and misses nothing', async () => {
    const tab = await openLive();
    const rows = tab.page.getByRole('list', { name: 'Changes, latest first' }).getByRole('listitem');
    await put('before-break');
    await rows.filter({ hasText: 'before-break' }).waitFor();
    forwarder.interrupt();
    await tab.page.getByText('Connection lost, reconnecting').waitFor();
    await tab.shot('live-lost');
    expect(await seriousFindings(tab.page)).to.deep.equal([]);
    await put('while-away');
    // The waits grow: there is time for the button.
    await tab.page.getByText(/Next try in ([4-9]|1\d) s/).waitFor();
    forwarder.forwardTo(server.address);
    await tab.page.getByRole('button', { name: 'Try now' }).click();
    await rows.filter({ hasText: 'while-away' }).waitFor();
    await rows.filter({ hasText: /Connected again after \d+ seconds?\. Nothing was missed\./ }).waitFor();
    await tab.close();
  });

  it('connects again to a server that was restarted, and says that changes may be missing', async () => {
    const tab = await openLive();
    const rows = tab.page.getByRole('list', { name: 'Changes, latest first' }).getByRole('listitem');
    await put('before-restart');
    await rows.filter({ hasText: 'before-restart' }).waitFor();
    await server.restart(async () => {
      forwarder.interrupt();
      await tab.page.getByText('Connection lost, reconnecting').waitFor();
    });
    forwarder.forwardTo(server.address);
    await rows.filter({ hasText: 'changes may be missing here' }).waitFor();
    await put('after-restart');
    await rows.filter({ hasText: 'after-restart' }).waitFor();
    expect(await rows.filter({ hasText: 'before-restart' }).count()).to.equal(1);
    await tab.shot('live-again');
    await tab.close();
  });

  it('reads the list of keys again if the server no longer knows what was missed', async () => {
    await put('known');
    const tab = await ConsolePage.open(forwarder.address, { path: 'projects/first_project/keys' });
    await tab.signIn(server.projectKey);
    const row = (key: string) => tab.page.locator('.key-row').filter({ hasText: key });
    await row('known').waitFor();
    const metrics = () => server.call('GET', '/metrics', { key: server.systemKey });
    while (!/^portkv_watches_open [1-9]/m.test((await metrics()).text)) await tab.page.waitForTimeout(50);
    await server.restart(async () => forwarder.interrupt());
    await put('missed');
    await remove('known');
    forwarder.forwardTo(server.address);
    await row('missed').waitFor();
    await row('known').waitFor({ state: 'detached' });
    await tab.close();
  });

  it('says in words that a key may not watch, and how to get one that may', async () => {
    const body = JSON.stringify({ name: 'reader', scopes: ['read', 'list'] });
    const made = await server.call('POST', 'first_project/api-keys', { key: server.projectKey, body });
    const tab = await ConsolePage.open(server.address);
    await tab.page.goto(`${tab.address}projects/first_project/live`);
    await tab.signIn(made.json.data.key);
    await tab.page.getByRole('heading', { name: 'This key may not watch changes' }).waitFor();
    await tab.page.getByText('May read values and list keys in this project.').waitFor();
    await tab.page.getByText('"scopes":["watch","list","read"]').waitFor();
    await tab.shot('live-no-watch');
    expect(await seriousFindings(tab.page)).to.deep.equal([]);
    await tab.close();
  });
});

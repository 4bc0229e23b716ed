import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { DAMAGES } from '../harness/store-damage.js';
import { TestServer } from '../harness/test-server.js';
import { seriousFindings } from './harness/accessibility.js';
import { ConsolePage, type Size } from './harness/console-browser.js';

describe('The view of the server in the console', () => {
  let server: TestServer;

  before(async () => {
    server = await TestServer.start();
  });

  after(async () => {
    await server.stop();
  });

  async function openAt(path: string, { size, key }: { size?: Size; key?: string } = {}): Promise<ConsolePage> {
    const tab = await ConsolePage.open(server.address, size === undefined ? {} : { size });
    await tab.page.goto(`${tab.address}${path}`);
    await tab.signIn(key ?? server.systemKey);
    return tab;
  }

  /** Requests of several kinds, some of them in vain. */
  async function traffic(): Promise<void> {
    const key = server.projectKey;
    for (let i = 0; i < 40; i++) {
      await server.call('PUT', `first_project/values/reading-${i % 7}`, { key, body: `{"n":${i}}` });
      await server.call('GET', `first_project/values/reading-${i % 9}`, { key });
      if (i % 4 === 0) await server.call('GET', 'first_project/store', { key });
    }
  }

  for (const size of ['wide', 'narrow'] as Size[]) {
    it(`shows how the server is, and charts of requests and latency by route (${size})`, async () => {
      const tab = await openAt('server', { size });
      const { page } = tab;
      const headers = { 'X-API-Key': server.projectKey, Accept: 'text/event-stream' };
      const stop = new AbortController();
      await fetch(`${server.address}/api/v1/projects/first_project/changes`, { headers, signal: stop.signal });
      await page.getByText('Every project is served').waitFor();
      await page.getByText('PortKV test').waitFor();
      await traffic();
      const routes = page.getByRole('region', { name: 'Routes' });
      await routes.getByRole('rowheader', { name: 'putValue' }).waitFor();
      await tile(tab, 'Open streams', /^1$/);
      await tile(tab, 'Disk free', /\d [GTM]iB of \d+/);
      await page.locator('.plot canvas').nth(4).waitFor();
      await page.getByRole('figure').first().getByText('putValue').waitFor();
      await page.getByText('As a table: Requests a second, by route').click();
      const table = page.getByRole('region', { name: 'Requests a second, by route as a table' });
      await table.getByRole('columnheader', { name: 'putValue' }).waitFor();
      expect(await seriousFindings(page)).to.deep.equal([]);
      await page.getByText('As a table: Requests a second, by route').click();
      await page.evaluate(() => document.querySelector('.view')?.scrollTo(0, 0));
      await tab.shot(`server-${size}`);
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.locator('.plot canvas').nth(4).waitFor();
      await tab.shot(`server-dark-${size}`);
      expect(await seriousFindings(page)).to.deep.equal([]);
      await page.getByRole('button', { name: '15 min' }).click();
      await page.getByRole('heading', { name: 'The last 15 minutes' }).waitFor();
      expect(page.url()).to.match(/server\?minutes=15$/);
      stop.abort();
      // The server is asked every five seconds; once is enough.
      if (size === 'wide') await tile(tab, 'Open streams', /^0$/);
      await tab.close();
    });

    it(`says which key opens it, with a command line (${size})`, async () => {
      const tab = await openAt('server', { size, key: server.projectKey });
      await tab.page.getByRole('heading', { name: 'The system key opens this view' }).waitFor();
      await tab.page.getByText('/status -H "X-API-Key: $SYSTEM_KEY"').waitFor();
      await tab.shot(`server-locked-${size}`);
      expect(await seriousFindings(tab.page)).to.deep.equal([]);
      await tab.close();
    });

    it(`brings a damaged project back from its latest snapshot by a button (${size})`, async () => {
      const project = `broken-${size}`;
      const key = await server.project(project);
      await server.call('PUT', `${project}/values/kept`, { key, body: 'as it was' });
      await server.call('POST', `${project}/snapshots`, { key: server.systemKey });
      await breakProject(project);
      const tab = await openAt('server', { size });
      await tab.page.getByText('One project cannot be served').waitFor();
      const failed = tab.page.getByRole('article', { name: project });
      await failed.getByText(/has 1 entry\. What was written since is lost\./).waitFor();
      await failed.getByText(`portkv doctor ${project} --repair`).waitFor();
      await tab.shot(`server-failed-${size}`);
      expect(await seriousFindings(tab.page)).to.deep.equal([]);
      await failed.getByRole('button', { name: 'Restore the snapshot' }).click();
      await tab.page.getByText('The damaged files are kept in the data folder as').waitFor();
      await tab.page.getByText('Every project is served').waitFor();
      expect((await server.call('GET', `${project}/values/kept`, { key })).text).to.equal('as it was');
      await tab.close();
    });
  }

  it('begins a damaged project empty only after its name was typed, and with a key of it that may delete', async () => {
    const key = await server.project('lost');
    await server.call('PUT', 'lost/values/gone', { key, body: 'x' });
    await breakProject('lost');
    const tab = await openAt('server');
    const failed = tab.page.getByRole('article', { name: 'lost' });
    await failed.getByText('add a key of it that may delete to this session').waitFor();
    await tab.page.getByRole('button', { name: 'System key' }).click();
    await tab.page.getByRole('dialog').getByLabel('Key', { exact: true }).fill(key);
    await tab.page.getByRole('button', { name: 'Add', exact: true }).click();
    await tab.page.waitForURL(/lost\/keys/);
    await tab.page.getByRole('link', { name: 'Server' }).click();
    await failed.getByRole('button', { name: 'Begin empty' }).click();
    const dialog = tab.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Begin empty' }).click();
    await dialog.getByText('This is not “lost”.').waitFor();
    await dialog.getByLabel(/type the name of the project: lost/).fill('lost');
    await tab.page.keyboard.press('Enter');
    await tab.page.getByText('lost is empty now.').waitFor();
    await tab.page.getByText('Every project is served').waitFor();
    expect((await server.call('GET', 'lost/values/gone', { key })).status).to.equal(404);
    await tab.close();
  });

  it('takes over data that no project has, and shows the key of the new project once', async () => {
    const key = await server.project('forgotten');
    await server.call('PUT', 'forgotten/values/found', { key, body: 'again' });
    await server.restart(async () => {
      const file = join(server.folder, 'config.json');
      const config = JSON.parse(await readFile(file, 'utf8'));
      config.projects = config.projects.filter(({ id }: { id: string }) => id !== 'forgotten');
      await writeFile(file, JSON.stringify(config));
    });
    const tab = await openAt('server');
    await tab.page.getByRole('heading', { name: 'Data without a project' }).waitFor();
    await tab.shot('server-unclaimed');
    await tab.page.getByRole('button', { name: 'Take over as a project' }).click();
    const dialog = tab.page.getByRole('dialog', { name: 'The key of forgotten' });
    // A key is hashed for the new project, which takes its time on a busy machine.
    const made = (await dialog.locator('code').textContent({ timeout: 40_000 })) ?? '';
    expect((await server.call('GET', 'forgotten/values/found', { key: made })).text).to.equal('again');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await tab.page.getByRole('heading', { name: 'Data without a project' }).waitFor({ state: 'detached' });
    await tab.close();
  });

  it('says that the disk is low, and that it is full, before and when writes are refused', async () => {
    const { free } = await disk();
    await server.configure({ min_free_bytes: Math.floor(free * 0.7) });
    const tab = await openAt('server');
    const words = tab.page.locator('.tile.disk .problem');
    await words.filter({ hasText: /Below [\d.,]+ \wiB writes are refused. Make room./ }).waitFor();
    await server.configure({ min_free_bytes: Math.ceil(free * 2) });
    await tab.page.goto(`${server.address}/console/server`);
    await tab.signIn(server.systemKey);
    await words.filter({ hasText: 'Full: writes are refused; reading and deleting work. Make room.' }).waitFor();
    await tab.shot('server-full');
    expect(await seriousFindings(tab.page)).to.deep.equal([]);
    await tab.page.goto(`${server.address}/console/projects/first_project/keys?mode=new`);
    await tab.signIn(server.projectKey);
    await tab.page.getByRole('heading', { name: 'New key' }).waitFor();
    await tab.page.getByLabel('Key', { exact: true }).fill('too-much');
    await tab.page.getByRole('textbox', { name: 'Value to store' }).fill('"kept"');
    await tab.page.getByRole('button', { name: 'Save' }).click();
    await tab.page.getByText('The disk of the server is full.').waitFor();
    await tab.page.getByText('What you entered is still here.').waitFor();
    await tab.page.getByText('"kept"').waitFor();
    await tab.close();
    await server.configure({ min_free_bytes: undefined });
  });

  async function disk(): Promise<{ readonly free: number }> {
    const { text } = await server.call('GET', '/metrics', { key: server.systemKey });
    return { free: Number(/^portkv_disk_free_bytes (\S+)/m.exec(text)?.[1]) };
  }

  async function breakProject(project: string): Promise<void> {
    await server.restart(() =>
      DAMAGES['json-file']['a file that is cut off'](join(server.folder, 'storage_data'), project),
    );
  }

  async function tile(tab: ConsolePage, name: string, value: RegExp): Promise<void> {
    await tab.page.locator('.tile').filter({ hasText: name }).locator('dd').filter({ hasText: value }).waitFor();
  }
});

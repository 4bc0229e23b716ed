import { expect } from 'chai';
import { TestServer } from '../harness/test-server.js';
import { seriousFindings } from './harness/accessibility.js';
import type { Size } from './harness/console-browser.js';
import { isTooWide, openView } from './harness/project-view.js';

describe('The API keys of a project in the console', () => {
  let server: TestServer;

  before(async () => {
    server = await TestServer.start();
  });

  after(async () => {
    await server.stop();
  });

  const whoAmI = (key: string) => server.call('GET', '/api/v1/whoami', { key });

  for (const [size, theme] of [
    ['wide', 'light'],
    ['narrow', 'dark'],
  ] as [Size, 'light' | 'dark'][]) {
    it(`are made with scopes, prefix and expiry, shown once, rotated and revoked (${size})`, async () => {
      const tab = await openView(server, 'projects/first_project/api-keys', { size, theme });
      await tab.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await tab.page.getByRole('button', { name: 'Create a key' }).click();
      const dialog = tab.page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Create' }).click();
      await dialog.getByText('A key needs a name').waitFor();
      await dialog.getByLabel('Name').fill(`greenhouse <b>${size}</b>`);
      await dialog.getByLabel('write values').check();
      await dialog.getByLabel('Only keys that begin with').fill('iot/ü/');
      await dialog.getByLabel('It expires').selectOption('other');
      await dialog.getByLabel('Time until it expires').fill('soon');
      await dialog.getByText('Use a number and a unit').waitFor();
      await tab.shot(`api-key-create-${size}`);
      expect(await seriousFindings(tab.page)).to.deep.equal([]);
      await dialog.getByLabel('Time until it expires').fill('20 days');
      await dialog.getByRole('button', { name: 'Create' }).click();
      const secret = (await tab.page.locator('.issued-key code').textContent()) ?? '';
      await dialog.getByRole('button', { name: 'Copy the key' }).click();
      expect(await tab.page.evaluate(() => navigator.clipboard.readText())).to.equal(secret);
      await tab.shot(`api-key-issued-${size}`);
      expect(await seriousFindings(tab.page)).to.deep.equal([]);
      const { data } = (await whoAmI(secret)).json;
      expect(data).to.deep.include({ scopes: ['read', 'write', 'list'], prefix: 'iot/ü/' });
      await dialog.getByRole('button', { name: 'I have stored it' }).click();
      const row = tab.page.getByRole('row').filter({ hasText: `<b>${size}</b>` });
      expect(await row.textContent()).to.match(/read, write, list.*iot\/ü\/.*in (20|19) days/s);
      await tab.shot(`api-keys-${size}`);
      expect(await seriousFindings(tab.page)).to.deep.equal([]);
      expect(await isTooWide(tab)).to.equal(false);
      await row.getByRole('button', { name: 'Rotate' }).click();
      await dialog.getByLabel('The old secret still works').selectOption('3600');
      await dialog.getByRole('button', { name: 'Rotate the key' }).click();
      const rotated = (await tab.page.locator('.issued-key code').textContent()) ?? '';
      expect(rotated).to.not.equal(secret);
      expect([(await whoAmI(secret)).status, (await whoAmI(rotated)).status]).to.deep.equal([200, 200]);
      await dialog.getByRole('button', { name: 'I have stored it' }).click();
      await row.getByText('the old secret works until').waitFor();
      await row.getByRole('button', { name: /^Revoke/ }).click();
      await dialog.getByLabel(/type the name/).fill('first_project');
      await dialog.getByRole('button', { name: 'Revoke the key' }).click();
      await tab.page.getByText('is revoked.').waitFor();
      expect((await whoAmI(rotated)).status).to.equal(401);
      await tab.close();
    });
  }

  it('go on in this session if its own key is rotated', async () => {
    const body = '{"name":"mine","scopes":["read","list","admin"]}';
    const { json } = await server.call('POST', 'first_project/api-keys', { key: server.systemKey, body });
    const projects = { first_project: json.data.key };
    const tab = await openView(server, 'projects/first_project/api-keys', { projects, withoutSystem: true });
    await tab.page.getByText('this session').waitFor();
    await tab.page.getByRole('button', { name: 'Rotate mine' }).click();
    const dialog = tab.page.getByRole('dialog');
    await dialog.getByLabel('The old secret still works').selectOption('0');
    await dialog.getByRole('button', { name: 'Rotate the key' }).click();
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    await tab.page.getByRole('link', { name: 'Snapshots' }).click();
    await tab.page.getByText('There is no snapshot yet').waitFor();
    expect((await whoAmI(json.data.key)).status).to.equal(401);
    await tab.close();
  });

  it('include the primary key, which the system key replaces at once', async () => {
    const key = await server.project('renewed');
    const tab = await openView(server, 'projects/renewed/api-keys', { projects: { renewed: key } });
    await tab.page.getByText('Give every program a key of its own').waitFor();
    await tab.page.getByRole('button', { name: 'Replace primary' }).click();
    const dialog = tab.page.getByRole('dialog');
    await dialog.getByLabel(/type the name/).fill('renewed');
    await dialog.getByRole('button', { name: 'Replace the key' }).click();
    const secret = (await tab.page.locator('.issued-key code').textContent()) ?? '';
    expect([(await whoAmI(key)).status, (await whoAmI(secret)).status]).to.deep.equal([401, 200]);
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    await tab.page.getByText('this session').waitFor();
    await tab.close();
  });
});

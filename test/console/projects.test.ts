import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { TestServer } from '../harness/test-server.js';
import { seriousFindings } from './harness/accessibility.js';
import type { Size } from './harness/console-browser.js';
import { isTooWide, openView } from './harness/project-view.js';

const SECRET = /^pkv_[0-9a-z]{8}_[\w-]{49}$/;

describe('The projects in the console', () => {
  let server: TestServer;

  before(async () => {
    server = await TestServer.start();
    await server.call('PUT', 'first_project/store/a', { key: server.projectKey, body: '1' });
    await writeFile(join(server.folder, 'sealed.keys'), Buffer.alloc(32, 7).toString('base64'));
    await server.project('sealed', { storage: { engine: 'lmdb', encryption: { key_file: 'sealed.keys' } } });
    await server.project('broken', { storage: { engine: 'json-file' } });
    await server.restart(() => writeFile(join(server.folder, 'storage_data', 'broken_store.json'), 'no JSON'));
  });

  after(async () => {
    await server.stop();
  });

  for (const [size, theme] of [
    ['wide', 'light'],
    ['narrow', 'dark'],
  ] as [Size, 'light' | 'dark'][]) {
    it(`are listed with engine, size, encryption, health and the cure of a failed one (${size})`, async () => {
      const tab = await openView(server, '', { size, theme, projects: { first_project: server.projectKey } });
      const row = (name: string) => tab.page.getByRole('row').filter({ hasText: name });
      expect(await row('first_project').textContent()).to.match(/JSON file.*1.*bytes.*None.*Served/s);
      expect(await row('sealed').textContent()).to.match(/LMDB.*Encrypted.*Served/s);
      expect(await row('broken').textContent()).to.match(/Not served.*holds no JSON object/s);
      await tab.shot(`projects-${size}`);
      expect(await seriousFindings(tab.page)).to.deep.equal([]);
      expect(await isTooWide(tab)).to.equal(false);
      await row('broken').getByRole('link', { name: 'Restore a snapshot' }).click();
      await tab.page.waitForURL(/projects\/broken\/snapshots$/);
      await tab.page.getByText('There is no snapshot yet').waitFor();
      await tab.close();
    });
  }

  it('are made with an engine, and show their key once, with a line for curl that works', async () => {
    const tab = await openView(server, '');
    await tab.page.getByRole('button', { name: 'Create a project' }).click();
    await tab.page.waitForURL(/dialog=create/);
    const dialog = tab.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText('A project needs a name').waitFor();
    await dialog.getByLabel('Name').fill('my project');
    await dialog.getByText('“ ” is not allowed').waitFor();
    await tab.page.keyboard.press('Escape');
    await tab.page.getByRole('button', { name: 'Create a project' }).click();
    expect(await dialog.getByLabel('Name').inputValue(), 'what was typed').to.equal('my project');
    await dialog.getByLabel('Name').fill('first_project');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText("Project with ID 'first_project' already exists").waitFor();
    await dialog.getByText('request').waitFor();
    await dialog.getByLabel('Name').fill('made-here');
    await dialog.getByLabel(/^Memory/).check();
    await dialog.getByRole('button', { name: 'Create' }).click();
    const secret = (await tab.page.locator('.issued-key code').textContent()) ?? '';
    expect(secret).to.match(SECRET);
    await tab.shot('project-key-wide');
    expect(await seriousFindings(tab.page)).to.deep.equal([]);
    expect(await dialog.locator('.command-line').textContent()).to.include(`X-API-Key: ${secret}`);
    expect((await server.call('GET', 'made-here/store?limit=10', { key: secret })).status).to.equal(200);
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    await tab.page.waitForURL(/projects\/made-here\/keys$/);
    await tab.close();
  });

  it('are made of data that is there already, if that is wanted', async () => {
    await writeFile(
      join(server.folder, 'storage_data', 'found_store.json'),
      '{"k":{"value":1,"created_at":1,"updated_at":1}}',
    );
    const tab = await openView(server, '?dialog=create');
    const dialog = tab.page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('found');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText('The data folder has files of that name already').waitFor();
    await dialog.getByRole('button', { name: 'Take the data over' }).click();
    const secret = (await tab.page.locator('.issued-key code').textContent()) ?? '';
    expect((await server.call('GET', 'found/store/k/value', { key: secret })).text).to.equal('1');
    await tab.close();
  });

  it('are deleted after their name was typed', async () => {
    await server.project('to-go');
    const tab = await openView(server, 'projects/to-go/settings');
    await tab.page.getByRole('button', { name: 'Delete to-go' }).click();
    const dialog = tab.page.getByRole('dialog');
    await dialog.getByLabel(/type the name/).fill('to-g');
    await dialog.getByRole('button', { name: 'Delete the project' }).click();
    await dialog.getByText('This is not “to-go”.').waitFor();
    await tab.shot('project-delete-wide');
    expect(await seriousFindings(tab.page)).to.deep.equal([]);
    expect((await server.call('GET', 'to-go', { key: server.systemKey })).status).to.equal(200);
    await dialog.getByLabel(/type the name/).fill('to-go');
    await tab.page.keyboard.press('Enter');
    await tab.page.getByText('The project to-go is deleted.').waitFor();
    expect((await server.call('GET', 'to-go', { key: server.systemKey })).status).to.equal(404);
    await tab.close();
  });

  it('show a key without the right which key a view takes', async () => {
    const body = '{"name":"reader","scopes":["read","list"]}';
    const { json } = await server.call('POST', 'first_project/api-keys', { key: server.projectKey, body });
    const projects = { first_project: json.data.key };
    const tab = await openView(server, 'projects/first_project/settings', { projects, withoutSystem: true });
    await tab.page.getByText('This key does not open this view').waitFor();
    for (const view of ['engine', 'snapshots', 'api-keys']) {
      await tab.page.goto(`${tab.address}projects/first_project/${view}`);
      await tab.page.getByText('This key does not open this view').waitFor();
    }
    await tab.page.goto(`${tab.address}projects/first_project/transfer`);
    await tab.page.getByRole('button', { name: 'Download the export' }).waitFor();
    expect(await tab.page.getByText('Drop an export here').count()).to.equal(0);
    await tab.close();
  });
});

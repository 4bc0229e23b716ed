import { expect } from 'chai';
import { ConsolePage } from './harness/console-browser.js';
import { ConsoleProject } from './harness/console-project.js';
import { PrefixProxy } from './harness/prefix-proxy.js';

describe('The console below a path of a proxy', () => {
  let project: ConsoleProject;
  let proxy: PrefixProxy;

  before(async () => {
    project = await ConsoleProject.start();
    proxy = await PrefixProxy.start(project.server.address, '/tools/kv');
    await project.put('users/ada', '{"name":"Ada"}');
  });

  after(async () => {
    await proxy.stop();
    await project.stop();
  });

  it('signs in, shows and saves entries, follows changes, and keeps the address of a view over a reload', async () => {
    const tab = await ConsolePage.open(proxy.address, { path: 'projects/first_project/keys?key=users/ada' });
    const { page } = tab;
    const outside: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(`${proxy.address}/`)) outside.push(request.url());
    });
    await page.getByLabel('Keep it in this tab').check();
    await tab.signIn(project.server.projectKey);
    await page.getByText('"name": "Ada"').waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    // Typed: what fills an element at once may copy its colours into it, as a style that the content policy refuses.
    await page.getByRole('textbox', { name: 'Value to store' }).focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('{"name":"Ada L."}');
    await page.keyboard.press('Control+s');
    await page.getByText('"name": "Ada L."').waitFor();
    expect(await project.text('users/ada')).to.equal('{"name":"Ada L."}');
    await page.getByRole('link', { name: 'Live' }).click();
    await page.getByText('Connected', { exact: true }).waitFor();
    expect(page.url()).to.equal(`${proxy.address}/console/projects/first_project/live`);
    await page.reload();
    await page.getByText('Connected', { exact: true }).waitFor();
    await project.put('users/grace', '1');
    await page.getByRole('list', { name: 'Changes, latest first' }).getByText('users/grace').waitFor();
    await page.getByRole('link', { name: 'API', exact: true }).click();
    await page.getByText('Used for requests: a key of project first_project.').waitFor();
    await page.getByRole('link', { name: 'Errors', exact: true }).click();
    await page.getByRole('heading', { name: 'not_found' }).waitFor();
    await page.getByRole('link', { name: 'Console' }).click();
    await page.waitForURL(`${proxy.address}/console/projects/first_project/keys`);
    expect(outside).to.deep.equal([]);
    await tab.close();
  });

  it('is where a browser is led that opens the address of the proxy', async () => {
    const { page, ...tab } = await ConsolePage.open(proxy.address);
    await page.goto(`${proxy.address}/`);
    await page.getByRole('heading', { name: 'Sign in with a key' }).waitFor();
    expect(page.url()).to.equal(`${proxy.address}/console/`);
    expect(tab.complaints).to.deep.equal([]);
  });
});

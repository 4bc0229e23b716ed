import { expect } from 'chai';
import { seriousFindings } from './harness/accessibility.js';
import type { Size } from './harness/console-browser.js';
import { ConsoleProject } from './harness/console-project.js';

describe('Keys in the console', () => {
  let project: ConsoleProject;

  before(async () => {
    project = await ConsoleProject.start();
    for (const name of ['ada', 'grace', 'joan']) {
      await project.put(`users/${name}/profile`, JSON.stringify({ name }));
      await project.put(`users/${name}/settings`, '{"theme":"dark"}');
    }
    for (const start of [0, 600]) await project.putMany(600, (i) => [`many/${start + i}`, String(i)]);
    await project.put('config', '{"a":1.0,"big":106242075399214372653}');
    await project.put('<b onclick="x()">', '<script>alert(1)</script>', 'text/html');
    await project.put('naïve:日本語:🦊\n', 'ok', 'text/plain');
    await project.put('b\u202egpj.exe', 'turned', 'text/plain');
  });

  after(async () => {
    await project.stop();
  });

  for (const size of ['wide', 'narrow'] as Size[]) {
    it(`are a tree with counts, which opens and closes (${size})`, async () => {
      const tab = await project.open('keys', { size });
      const { page } = tab;
      await page.getByRole('treeitem', { name: /^users\/.*6/ }).waitFor();
      await page.getByRole('treeitem', { name: /^many\/.*1,000\+/ }).waitFor();
      await page.getByText('1,210 keys').waitFor();
      await tab.shot(`keys-${size}`);
      await page.getByRole('treeitem', { name: /^users\// }).click();
      await page.getByRole('treeitem', { name: /^ada\// }).click();
      await page.getByRole('treeitem', { name: /^profile/ }).click();
      await page.getByRole('heading', { name: 'users/ada/profile' }).waitFor();
      await page.getByText('"name": "ada"').waitFor();
      await tab.shot(`entry-${size}`);
      expect(await seriousFindings(page)).to.deep.equal([]);
      const address = page.url();
      expect(address).to.include('key=users%2Fada%2Fprofile');
      if (size === 'narrow') await page.getByRole('button', { name: 'Back to the list' }).click();
      await page.getByRole('treeitem', { name: /^ada\// }).click();
      await page.getByRole('treeitem', { name: /^profile/ }).waitFor({ state: 'detached' });
      await tab.close();
    });
  }

  it('are found by prefix, and each view has an address that a reload and the history keep', async () => {
    const tab = await project.open('keys');
    const { page } = tab;
    await page.keyboard.press('/');
    await page.keyboard.type('users/g');
    await page.getByRole('treeitem', { name: /^race\// }).waitFor();
    expect(new URL(page.url()).searchParams.get('prefix')).to.equal('users/g');
    await page.goto(`${tab.address}projects/first_project/keys?prefix=users/ada/&key=config`);
    await tab.signIn(project.server.projectKey);
    await page.getByRole('treeitem', { name: /^profile/ }).waitFor();
    await page.getByRole('heading', { name: 'config' }).waitFor();
    await page.getByRole('treeitem', { name: /^profile/ }).click();
    await page.getByRole('heading', { name: 'users/ada/profile' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'config' }).waitFor();
    await page.goForward();
    await page.getByRole('heading', { name: 'users/ada/profile' }).waitFor();
    expect(await page.title()).to.equal('users/ada/profile · first_project · PortKV');
    await page.goto(`${tab.address}projects/first_project`);
    await tab.signIn(project.server.projectKey);
    await page.waitForURL(/first_project\/keys$/);
    await page.getByText('1,210 keys').waitFor();
    await tab.close();
  });

  it('can be listed from the last, and without folders', async () => {
    const tab = await project.open('keys');
    const { page } = tab;
    await page.getByLabel('Folders').selectOption('One list');
    await page.getByLabel('Order').selectOption('Last to first');
    await page.getByRole('treeitem', { name: /^users\/joan\/settings/ }).waitFor();
    expect(await page.getByRole('treeitem').first().textContent()).to.include('users/joan/settings');
    await tab.close();
  });

  it('are moved through by keyboard alone', async () => {
    const tab = await project.open('keys');
    const { page } = tab;
    await page.getByRole('treeitem', { name: /^users\// }).waitFor();
    await page.getByRole('tree').focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('treeitem', { name: /^joan\// }).waitFor();
    for (const key of ['ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    await page.getByRole('treeitem', { name: /^profile/ }).waitFor();
    for (const key of ['ArrowDown', 'Enter']) await page.keyboard.press(key);
    await page.getByRole('heading', { name: 'users/ada/profile' }).waitFor();
    await page.keyboard.press('e');
    await page.getByRole('button', { name: 'Save' }).waitFor();
    await page.getByRole('button', { name: 'Discard changes' }).click();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await tab.shot('keyboard');
    expect(await seriousFindings(page)).to.deep.equal([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await tab.close();
  });

  it('and values that are HTML or any Unicode are shown as text', async () => {
    const tab = await project.open(`keys?key=${encodeURIComponent('<b onclick="x()">')}`);
    const { page } = tab;
    await page.getByRole('heading', { name: '<b onclick="x()">' }).waitFor();
    await page.getByText('<script>alert(1)</script>').waitFor();
    await page.getByRole('treeitem', { name: /^naïve:日本語:🦊␊/ }).click();
    await page.getByRole('heading', { name: 'naïve:日本語:🦊␊' }).waitFor();
    await page.getByText('ok', { exact: true }).waitFor();
    await page.getByRole('treeitem', { name: /^b⟨U\+202E⟩gpj\.exe/ }).click();
    await page.getByRole('heading', { name: 'b⟨U+202E⟩gpj.exe' }).waitFor();
    await tab.close();
  });

  it('of a scoped key are its slice only', async () => {
    const { server, id } = project;
    const body = JSON.stringify({ name: 'slice', scopes: ['read', 'list'], prefix: 'users/ada/' });
    const { json } = await server.call('POST', `${id}/api-keys`, { key: server.projectKey, body });
    const tab = await project.open('keys', { key: json.data.key });
    await tab.page.getByRole('treeitem', { name: /profile/ }).waitFor();
    expect(await tab.page.getByRole('button', { name: 'New key' }).count()).to.equal(0);
    await tab.page.getByRole('button', { name: 'first_project: slice' }).click();
    await tab.page.getByText('May read values and list keys for keys that begin with “users/ada/”.').waitFor();
    await tab.close();
  });

  it('say what to do if there are none', async () => {
    const tab = await project.open('keys?prefix=nothing/');
    await tab.page.getByRole('heading', { name: 'No key begins with “nothing/”' }).waitFor();
    await tab.page.getByText(/curl -X PUT '.*values\?key=nothing%2Fexample'/).waitFor();
    await tab.shot('no-keys');
    expect(await seriousFindings(tab.page)).to.deep.equal([]);
    await tab.close();
  });
});

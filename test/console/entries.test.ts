import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { seriousFindings } from './harness/accessibility.js';
import { ConsolePage } from './harness/console-browser.js';
import { ConsoleProject } from './harness/console-project.js';

const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC',
  'base64',
);
/** Numbers that JavaScript does not have, and no space: they must stay so. */
const EXACT = '{"one":1.0,"big":106242075399214372653,"twice":1,"twice":2,"list":[]}';

describe('An entry in the console', () => {
  let project: ConsoleProject;

  before(async () => {
    project = await ConsoleProject.start();
  });

  after(async () => {
    await project.stop();
  });

  it('is shown as JSON for reading, text, picture and bytes', async () => {
    await project.put('exact', EXACT);
    await project.put('picture', PICTURE, 'image/png');
    await project.put('bytes', new Uint8Array([0, 255, 72, 105]), 'application/octet-stream');
    const tab = await entry('exact');
    const { page } = tab;
    await page.getByText('"big": 106242075399214372653').waitFor();
    await page.getByRole('button', { name: 'Text' }).click();
    await page.getByText(EXACT).waitFor();
    await page.getByRole('button', { name: 'Bytes' }).click();
    await page.getByText('{"one":1.0,"big"').waitFor();
    await page.getByRole('treeitem', { name: /^picture/ }).click();
    await page.getByText('10 × 10').waitFor();
    await tab.shot('picture');
    await page.getByRole('treeitem', { name: /^bytes/ }).click();
    await page.getByText('00 ff 48 69').waitFor();
    expect(await seriousFindings(page)).to.deep.equal([]);
    await page.getByRole('treeitem', { name: /^exact/ }).click();
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.getByText('"one"').first().waitFor();
    await tab.shot('entry-dark');
    expect(await seriousFindings(page)).to.deep.equal([]);
    await tab.close();
  });

  it('keeps every byte that was not edited', async () => {
    await project.put('edited', EXACT);
    const tab = await entry('edited');
    const { page } = tab;
    await page.getByRole('button', { name: 'Edit' }).click();
    const editor = page.getByRole('textbox', { name: 'Value to store' });
    await editor.getByText('"twice": 2').click();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.type('2');
    await page.getByText('Valid JSON').waitFor();
    await tab.shot('edit');
    await page.keyboard.press('Control+s');
    await page.getByRole('button', { name: 'Edit' }).waitFor();
    expect(await project.text('edited')).to.equal(EXACT.replace('"twice":2', '"twice":22'));
    await tab.close();
  });

  it('is checked while one types: JSON, the schema and the limits of the project', async () => {
    const limits = {
      value_schema: { type: 'object', required: ['name'], properties: { age: { type: 'integer', minimum: 0 } } },
      key_pattern: '[a-z/]+',
      max_value_bytes: 100,
    };
    const limited = await ConsoleProject.start();
    await configure(limited, { limits });
    const tab = await limited.open('keys?mode=new');
    const { page } = tab;
    await page.getByLabel('Key', { exact: true }).fill('People/ada');
    await type(page, '{"age": -1');
    await page.getByText('The project takes only keys that match').waitFor();
    await page
      .getByText(/Not JSON/)
      .first()
      .waitFor();
    await page.getByLabel('Key', { exact: true }).fill('people/ada');
    await type(page, '{"age": -1}');
    await page.getByText(/Schema: the value: .*name/).waitFor();
    await page.getByText(/Schema: age:/).waitFor();
    await tab.shot('checks');
    expect(await seriousFindings(page)).to.deep.equal([]);
    await type(page, `{"name": "${'a'.repeat(100)}"}`);
    await page.getByText('112 bytes of at most 100 bytes').waitFor();
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).to.equal(true);
    await type(page, '{"name": "Ada", "age": 36}');
    await page.getByLabel('Expires after').fill('2 h');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'people/ada' }).waitFor();
    await page.getByText('in 2 hours').waitFor();
    await tab.close();
    await limited.stop();
  });

  it('is not overwritten if another change was first: the three versions are side by side', async () => {
    await project.put('shared', '{"a":1,"b":1}');
    const tab = await entry('shared');
    const { page } = tab;
    await page.getByRole('button', { name: 'Edit' }).click();
    await type(page, '{"a":2,"b":1}');
    await project.put('shared', '{"a":1,"b":9}');
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog', { name: 'Another change was first' });
    await dialog.waitFor();
    for (const name of ['When you opened it', 'On the server now', 'Yours']) {
      await dialog.getByRole('heading', { name }).waitFor();
    }
    await dialog.getByText('"b": 9').waitFor();
    await tab.shot('conflict');
    expect(await seriousFindings(page)).to.deep.equal([]);
    expect(await project.text('shared')).to.equal('{"a":1,"b":9}');
    await typeOver(page, 'Yours', '{"a":2,"b":9}');
    await dialog.getByRole('button', { name: 'Save the right side' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('"b": 9').waitFor();
    expect(await project.text('shared')).to.equal('{"a":2,"b":9}');
    await tab.close();
  });

  it('stays in the editor if the server goes away, the disk is full, or one looks elsewhere', async () => {
    await project.put('draft', 'before', 'text/plain');
    await project.put('elsewhere', 'x', 'text/plain');
    const tab = await entry('draft');
    const { page } = tab;
    await page.getByRole('button', { name: 'Edit' }).click();
    await type(page, 'a long text');
    await page.route('**/values?**', (route) => route.abort());
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The server does not answer.').waitFor();
    await page.unroute('**/values?**');
    const full = { error: { code: 'insufficient_storage' }, message: 'The disk is full', data: null };
    await page.route('**/values?**', (route) =>
      route.request().method() === 'PUT' ? route.fulfill({ status: 507, json: full }) : route.continue(),
    );
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The disk is full').waitFor();
    await page.getByText('What you entered is still here.').waitFor();
    await tab.shot('full-disk');
    await page.unroute('**/values?**');
    await page.getByRole('treeitem', { name: /^elsewhere/ }).click();
    await page.getByRole('heading', { name: 'elsewhere' }).waitFor();
    await page.getByRole('treeitem', { name: /^draft/ }).click();
    await page.getByRole('button', { name: 'Go on editing' }).click();
    await page.getByText('a long text').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Edit' }).waitFor();
    expect(await project.text('draft')).to.equal('a long text');
    await tab.close();
  });

  it('is edited after the server was away while the editor was loaded; the keys of the session stay', async () => {
    await project.put('late/text', 'before', 'text/plain');
    const tab = await ConsolePage.open(project.server.address, { path: 'projects/first_project/keys?key=late/text' });
    const { page } = tab;
    await page.route('**/store?**', (route) => route.abort());
    await page.route('**/assets/code-mirror-*', (route) => route.abort());
    await tab.signIn(project.server.projectKey);
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    await page.unroute('**/store?**');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByText('The editor is not loaded yet').waitFor();
    await page.unroute('**/assets/code-mirror-*');
    await type(page, 'after');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Edit' }).waitFor();
    expect(await project.text('late/text')).to.equal('after');
    await tab.close();
  });

  it('gets another expiry, is added to, appended to, copied and renamed', async () => {
    await project.put('number', '106242075399214372653');
    const tab = await entry('number');
    const { page } = tab;
    const act = async (name: string) => {
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name }).click();
    };
    await act('Change its expiry');
    await page.getByRole('dialog').getByLabel('Expires after').fill('3 h');
    await page.getByRole('button', { name: 'Set expiry' }).click();
    await page.getByText('in 3 hours', { exact: true }).waitFor();
    await act('Add to the number');
    await tab.shot('increment');
    await page.getByRole('dialog').getByLabel('Add').fill('7');
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('The number is now 106242075399214372660').waitFor();
    await act('Append text');
    await page.getByRole('dialog').getByLabel('Text').fill('0');
    await page.getByRole('button', { name: 'Append' }).click();
    await page.getByText('Appended 1 byte').waitFor();
    await act('Copy to another key');
    await page.getByLabel('New key').fill('copy');
    await page.getByRole('dialog').getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('heading', { name: 'copy' }).waitFor();
    await page.getByText('in 3 hours', { exact: true }).waitFor();
    await act('Rename');
    await page.getByLabel('New key').fill('number');
    await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await page.getByLabel('New key').fill('renamed');
    await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('heading', { name: 'renamed' }).waitFor();
    expect(await project.text('copy')).to.equal(undefined);
    expect(await project.text('renamed')).to.equal('1062420753992143726600');
    await tab.close();
  });

  it('is deleted with a way back, also several and all with a prefix', async () => {
    await project.put('gone/a', '{"a":1.0}', 'application/json', '&ttl=5000');
    await project.put('gone/b', 'b', 'text/plain');
    await project.put('gone/c', PICTURE, 'image/png');
    const tab = await entry('gone/a');
    const { page } = tab;
    const before = await facts('gone/a');
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Deleted gone/a').waitFor();
    await tab.shot('undo');
    expect(await project.text('gone/a')).to.equal(undefined);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Restored 1 entry.').waitFor();
    expect(await facts('gone/a')).to.deep.equal(before);
    await page.getByRole('treeitem', { name: /^gone\// }).waitFor();
    await page.getByRole('tree').focus();
    await page.getByRole('treeitem', { name: /^gone\// }).click();
    for (const name of ['b', 'c']) {
      await page
        .locator('.key-row', { has: page.getByText(name, { exact: true }) })
        .locator('.check')
        .click();
    }
    await page.getByText('2 selected').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    expect((await readFile(await (await download).path(), 'utf8')).split('\n')).to.have.length(5);
    await tab.shot('selected');
    await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Deleted 2 entries').waitFor();
    expect(await project.text('gone/b')).to.equal(undefined);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Restored 2 entries.').waitFor();
    await page.getByRole('tree').focus();
    await page.keyboard.press('Home');
    for (let i = 0; i < 30 && !(await active(page)).startsWith('gone/'); i += 1) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Delete');
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/3 keys now begin with/).waitFor();
    await tab.shot('delete-prefix');
    await dialog.getByRole('button', { name: 'Delete 3 keys' }).click();
    await page.getByText('Deleted 3 keys with gone/').waitFor();
    expect(await project.text('gone/a')).to.equal(undefined);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Restored 3 entries.').waitFor();
    expect(await facts('gone/a')).to.deep.equal(before);
    await tab.close();
  });

  it('has dialogs that fit a telephone', async () => {
    await project.put('a/key/that/is/so/long/that/it/is/wider/than/a/telephone/and/wraps', '7');
    const tab = await project.open('keys?key=a/key/that/is/so/long/that/it/is/wider/than/a/telephone/and/wraps', {
      size: 'narrow',
    });
    const { page } = tab;
    await page.emulateMedia({ colorScheme: 'dark' });
    for (const name of ['Change its expiry', 'Add to the number', 'Append text', 'Copy to another key', 'Rename']) {
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name }).click();
      const box = await page.getByRole('dialog').evaluate((dialog) => {
        const { left, right, top, bottom } = dialog.getBoundingClientRect();
        return { left, right, top, bottom, hidden: dialog.scrollWidth - dialog.clientWidth };
      });
      expect(box.hidden, name).to.equal(0);
      expect([box.left >= 0, box.right <= 390, box.top >= 0, box.bottom <= 844], name).to.not.include(false);
      if (name === 'Rename') expect(await seriousFindings(page)).to.deep.equal([]);
      await tab.shot(`dialog-${name.split(' ')[0]?.toLowerCase()}-narrow`);
      await page.keyboard.press('Escape');
    }
    await tab.close();
  });

  it('that is new stays in the editor if one looks elsewhere', async () => {
    await project.put('known', '1');
    const tab = await project.open('keys');
    const { page } = tab;
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Key', { exact: true }).fill('begun');
    await type(page, '{"half": 1}');
    await page.getByText('Valid JSON').waitFor();
    await page.getByRole('treeitem', { name: /^known/ }).click();
    await page.getByRole('heading', { name: 'known' }).waitFor();
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByText('{"half": 1}').waitFor();
    expect(await page.getByLabel('Key', { exact: true }).inputValue()).to.equal('begun');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'begun' }).waitFor();
    expect(await project.text('begun')).to.equal('{"half": 1}');
    await tab.close();
  });

  it('comes from a file and goes into one', async () => {
    const tab = await project.open('keys?prefix=up/');
    const { page } = tab;
    await page.getByLabel('Files to upload').setInputFiles([
      { name: 'red.png', mimeType: 'image/png', buffer: PICTURE },
      { name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('a note') },
    ]);
    await page.getByRole('dialog', { name: 'Upload 2 files' }).waitFor();
    await tab.shot('upload');
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await page.getByText('Stored 2 files').waitFor();
    await page.goto(`${tab.address}projects/first_project/keys?key=up/red.png`);
    await tab.signIn(project.server.projectKey);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    expect((await readFile(await (await download).path())).equals(PICTURE)).to.equal(true);
    expect((await download).suggestedFilename()).to.equal('red.png');
    await page.getByLabel('File with the new value').setInputFiles({
      name: 'other.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('other'),
    });
    await page.getByText('The value is now other.txt').waitFor();
    expect(await project.text('up/red.png')).to.equal('other');
    await tab.close();
  });

  it('that is large is read in part, and whole when one asks for it', async () => {
    await project.put('large', 'a line\n'.repeat(200_000), 'text/plain');
    const tab = await entry('large');
    await tab.page.getByText('These are the first 512 KiB of 1.3 MiB.').waitFor();
    expect(await tab.page.getByRole('button', { name: 'Edit' }).count()).to.equal(0);
    await tab.page.getByRole('button', { name: 'Load all' }).click();
    await tab.page.getByRole('button', { name: 'Edit' }).waitFor();
    await tab.close();
  });

  it('that does not exist says how to store it, and errors have the id of their request', async () => {
    const tab = await entry('missing');
    await tab.page.getByRole('heading', { name: 'There is no such key' }).waitFor();
    await tab.page.getByText(/curl -X PUT '.*values\?key=missing'/).waitFor();
    await tab.page.route('**/values?**', (route) =>
      route.fulfill({
        status: 503,
        headers: { 'X-Request-Id': 'request-17' },
        json: { error: { code: 'unavailable' }, message: 'The store is damaged', data: null },
      }),
    );
    await project.put('other', '1');
    await tab.page.getByRole('button', { name: 'Load again' }).click();
    await tab.page.getByRole('treeitem', { name: /^other/ }).click();
    await tab.page.getByText('The store is damaged').waitFor();
    await tab.page.getByText('request-17').waitFor();
    await tab.close();
  });

  function entry(key: string): Promise<ConsolePage> {
    return project.open(`keys?key=${encodeURIComponent(key)}`);
  }

  /** Everything about an entry but its version. */
  async function facts(key: string): Promise<object> {
    const { json } = await project.server.call('GET', `${project.id}/store?items=array&as=base64&prefix=${key}`, {
      key: project.server.projectKey,
    });
    const [{ version, ...others }] = json.data.items;
    expect(version).to.be.a('string');
    return others;
  }
});

async function configure({ server, id }: ConsoleProject, settings: object): Promise<void> {
  const { text, status } = await server.call('PUT', id, { key: server.systemKey, body: JSON.stringify(settings) });
  expect(status, text).to.equal(200);
}

async function type(page: Page, text: string): Promise<void> {
  await typeOver(page, 'Value to store', text);
}

/** Replaces the text of an editor by keyboard. */
async function typeOver(page: Page, label: string, text: string): Promise<void> {
  await page.getByRole('textbox', { name: label }).focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
}

/** The text of the row that the arrow keys have reached. */
async function active(page: Page): Promise<string> {
  return (await page.locator('.key-row.active .name').textContent()) ?? '';
}

import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { DoctorFixture, KEYS } from '../../cli/doctor-fixture.js';

describe('portkv doctor --repair', () => {
  const fixture = DoctorFixture.forTests();

  it('recovers the entries before the end of a file that was cut off', async () => {
    const whole = await readFile(fixture.store);
    const cut = whole.subarray(0, whole.indexOf('"d"') + 30);
    await writeFile(fixture.store, cut);
    const { code, out } = await fixture.doctor('--repair');
    expect(code).to.equal(1);
    expect(out)
      .to.match(/lost: .*\(key "d"\)/)
      .and.to.contain('3 entries');
    await expectKept(cut);
    expect((await fixture.doctor()).code).to.equal(0);
    expect(await fixture.served()).to.deep.equal(['value of a', 'value of b', 'value of c', undefined]);
  });

  it('recovers the entries around one that is garbage', async () => {
    const bytes = await readFile(fixture.store);
    bytes.fill(0xff, bytes.indexOf('"b"') + 20, bytes.indexOf('"b"') + 60);
    await writeFile(fixture.store, bytes);
    expect((await fixture.doctor()).code).to.equal(1);
    const { out } = await fixture.doctor('--repair');
    expect(out)
      .to.match(/lost: .*\(key "b"\)/)
      .and.to.contain('3 entries');
    await expectKept(bytes);
    expect(await fixture.served()).to.deep.equal(['value of a', undefined, 'value of c', 'value of d']);
  });

  it('recovers the lines of a journal after one that is damaged', async () => {
    const bad = fixture.line('b', 'lost');
    bad[20] = 0x21;
    await writeFile(fixture.journal, Buffer.concat([fixture.line('a', 'first'), bad, fixture.line('c', 'last')]), {
      mode: 0o600,
    });
    expect((await fixture.doctor()).out).to.contain('wrong checksum in line 2');
    const { out } = await fixture.doctor('--repair');
    expect(out).to.match(/lost: .*journal: line 2/);
    expect(await fixture.served()).to.deep.equal(['first', 'value of b', 'last', 'value of d']);
  });

  it('makes no store from a journal alone', async () => {
    await rm(fixture.store);
    await writeFile(fixture.journal, fixture.line('a', 'first'), { mode: 0o600 });
    const before = await fixture.contents();
    expect((await fixture.doctor()).out)
      .to.contain('put back the files')
      .and.not.to.contain('--repair');
    const { code, out } = await fixture.doctor('--repair');
    expect(out).to.contain('is missing');
    expect(code).to.equal(1);
    expect(await fixture.contents()).to.deep.equal(before);
  });

  it('and the server find files whose placement is lost', async () => {
    await fixture.moveTo('lmdb');
    await rm(fixture.file('first_project.placement.json'));
    const { code, out } = await fixture.doctor();
    expect(out).to.contain('first_project.2.lmdb').and.to.contain('no placement says what it is');
    expect(code).to.equal(1);
    const answer = await fixture.call(await fixture.serve(), 'values/a');
    expect(answer.status).to.equal(503);
    expect(await answer.text()).to.contain('first_project.placement.json');
    await fixture.stop();
    expect(await readdir(fixture.file(''))).not.to.include('first_project.placement.json');
  });

  it('moves the file of a directory that cannot be read out of the way', async () => {
    await fixture.moveTo('directory');
    const inner = (await readdir(fixture.file(''), { withFileTypes: true })).find(
      (one) => one.isDirectory() && one.name.startsWith('first_project'),
    );
    const [name = ''] = (await readdir(fixture.file(inner?.name ?? ''))).filter((one) => one.endsWith('.json'));
    await writeFile(join(fixture.file(inner?.name ?? ''), name), '{');
    const { code, out } = await fixture.doctor();
    expect(out).to.contain(join(inner?.name ?? '?', name));
    expect(code).to.equal(1);
    const repaired = await fixture.doctor('--repair');
    expect(repaired.out)
      .to.match(new RegExp(`lost: .*${name}`))
      .and.to.match(/kept: .*\.damaged-/)
      .and.to.contain('3 entries');
    expect((await fixture.doctor()).code).to.equal(0);
    const [kept = ''] = (await readdir(fixture.file(''))).filter((one) => one.includes('.damaged-'));
    expect(await readFile(join(fixture.file(kept), name), 'utf8')).to.equal('{');
    expect((await fixture.served()).filter((value) => value !== undefined)).to.have.length(3);
  });

  it('removes a commit that cannot be finished from a directory', async () => {
    await fixture.moveTo('directory');
    const inner = (await readdir(fixture.file(''))).find((one) => one.startsWith('first_project.2')) ?? '';
    const intent = join(fixture.file(inner), '.portkv', 'intent.json');
    await writeFile(intent, '{"a": ', { mode: 0o600 });
    expect((await fixture.doctor()).out).to.contain(intent);
    expect((await fixture.doctor('--repair')).out).to.match(/lost: .*intent\.json/);
    expect((await fixture.doctor()).code).to.equal(0);
    expect(await fixture.served()).to.deep.equal(KEYS.map((name) => `value of ${name}`));
  });

  it('checks encrypted values, and leaves out those that are damaged', async () => {
    await writeFile(join(fixture.folder, 'test.keys'), Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 });
    await fixture.moveTo('json-file', { encryption: { key_file: 'test.keys' } });
    const name = (await readdir(fixture.file(''))).find((one) => one.startsWith('first_project.2_store.json')) ?? '';
    const text = await readFile(fixture.file(name), 'utf8');
    const at = text.indexOf('"value": "', text.indexOf('"b"')) + 70;
    await writeFile(fixture.file(name), `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`);
    const { code, out } = await fixture.doctor();
    expect(out).to.contain('authenticate');
    expect(code).to.equal(1);
    expect((await fixture.doctor('--repair')).out).to.match(/lost: .*key "b"/);
    expect(await fixture.served()).to.deep.equal(['value of a', undefined, 'value of c', 'value of d']);
  });

  async function expectKept(bytes: Buffer): Promise<void> {
    const name =
      (await readdir(fixture.file(''))).find((one) => one.startsWith('first_project_store.json.damaged-')) ?? '';
    expect((await readFile(fixture.file(name))).equals(bytes)).to.equal(true);
  }
});

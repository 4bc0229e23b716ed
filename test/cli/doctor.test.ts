import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { DoctorFixture } from './doctor-fixture.js';

describe('portkv doctor', () => {
  const fixture = DoctorFixture.forTests();

  it('finds nothing if all is well', async () => {
    const { code, out } = await fixture.doctor();
    expect(out).to.contain('4 entries').and.to.contain('All is well');
    expect(code).to.equal(0);
  });

  it('does not touch a folder in use, with exit code 3', async () => {
    await fixture.serve();
    const { code, out } = await fixture.doctor('--repair');
    expect(out).to.contain('in use by process');
    expect(code).to.equal(3);
  });

  it('names what is wrong with a configuration, with exit code 2', async () => {
    await writeFile(join(fixture.folder, 'config.json'), '{"server_port": "x"}');
    const { code, out } = await fixture.doctor();
    expect(out).to.contain('server_port');
    expect(code).to.equal(2);
  });

  it('names files that other users can read', async () => {
    await chmod(fixture.store, 0o644);
    const { code, out } = await fixture.doctor();
    expect(out).to.contain(`${fixture.store} (644)`);
    expect(code).to.equal(1);
  });

  it('changes nothing without --repair, not even the unfinished last line of a journal', async () => {
    await writeFile(fixture.journal, Buffer.concat([fixture.line('e', 'new'), Buffer.from('0123')]), { mode: 0o600 });
    const before = await fixture.contents();
    expect((await fixture.doctor()).code).to.equal(0);
    await writeFile(fixture.store, (await readFile(fixture.store)).subarray(0, -40));
    const damaged = await fixture.contents();
    const { code, out } = await fixture.doctor();
    expect(out).to.contain(fixture.store).and.to.contain('--repair');
    expect(code).to.equal(1);
    expect(await fixture.contents()).to.deep.equal(damaged);
    expect(damaged).not.to.deep.equal(before);
  });

  it('recovers the entries of an lmdb file beside one that is damaged', async () => {
    await fixture.moveTo('lmdb');
    const name = (await readdir(fixture.file(''))).find((one) => one.endsWith('.lmdb')) ?? '';
    const path = join(fixture.file(name), 'data.mdb');
    expect((await fixture.doctor()).out).to.contain('lmdb: every page');
    const bytes = await readFile(path);
    for (let i = bytes.indexOf('value of c'); i >= 0; i = bytes.indexOf('value of c', i)) bytes[i] = 0;
    await writeFile(path, bytes);
    const found = await fixture.doctor();
    expect(found.out).to.contain(`${path}: `).and.to.contain('--repair');
    expect(found.code).to.equal(1);
    expect((await readFile(path)).equals(bytes)).to.equal(true);
    const { out } = await fixture.doctor('--repair');
    expect(out).to.contain('3 entries').and.to.contain(`lost: project 'first_project': ${path}: key "c"`);
    const [kept = ''] = /kept: project 'first_project': (.*)/.exec(out)?.slice(1) ?? [];
    expect((await readFile(join(kept, 'data.mdb'))).equals(bytes)).to.equal(true);
    expect((await fixture.doctor()).code).to.equal(0);
    expect(await fixture.served()).to.deep.equal(['value of a', 'value of b', undefined, 'value of d']);
  });

  it('reads what only the journal of an lmdb project has, and recovers it beside a frame that is damaged', async () => {
    await fixture.moveTo('lmdb');
    const address = await fixture.serve();
    for (const name of ['a', 'b', 'c']) {
      await fixture.call(address, `values/${name}`, { method: 'PUT', body: `newer ${name}` });
    }
    await fixture.crash();
    const whole = await fixture.doctor();
    expect(whole.out).to.match(/[1-3] frames of the journal are to be copied/);
    expect(whole.code).to.equal(0);
    const name = (await readdir(fixture.file(''))).find((one) => one.endsWith('.lmdb')) ?? '';
    const journal = join(fixture.file(name), 'journal');
    for (const segment of await readdir(journal)) {
      const bytes = await readFile(join(journal, segment));
      const at = bytes.indexOf('newer b');
      if (at >= 0) await writeFile(join(journal, segment), bytes.fill('X', at, at + 1));
    }
    const found = await fixture.doctor();
    expect(found.out).to.match(/\.segment is damaged at byte \d+/);
    expect(found.code).to.equal(1);
    const { out } = await fixture.doctor('--repair');
    expect(out).to.match(/lost: project 'first_project': .*\.segment: bytes \d+ to \d+/);
    expect((await fixture.doctor()).code).to.equal(0);
    expect(await fixture.served()).to.deep.equal(['newer a', 'value of b', 'newer c', 'value of d']);
  });
});

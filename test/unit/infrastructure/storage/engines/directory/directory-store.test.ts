import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Store } from '../../../../../../src/application/ports/store.js';
import type { Entry } from '../../../../../../src/domain/entry.js';
import { AppError } from '../../../../../../src/domain/errors.js';
import { DirectoryOptions, engine } from '../../../../../../src/infrastructure/storage/engines/directory/engine.js';
import { createEngineStore, openEngineStore } from '../../../../../contract/engine-fixtures.js';
import { entry, keysOf } from '../../../../../contract/store-fixture.js';

const ADDER = fileURLToPath(new URL('adder.js', import.meta.url));

describe('A folder that several share', () => {
  let folder: string;
  let opened: Store[];
  const path = (name: string) => join(folder, 'project', name);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    await createEngineStore('directory', folder);
    opened = [];
  });
  afterEach(async () => {
    for (const store of opened) await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(): Promise<Store> {
    const store = await openEngineStore('directory', folder);
    opened.push(store);
    return store;
  }

  /** Resolves when a condition holds. */
  async function until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) await sleep(1);
  }

  it('shows what another process wrote and removed: to get at once, and then to all other reads', async () => {
    const [ours, theirs] = [await open(), await open()];
    await theirs.commit({ put: [entry('a', '1', { expiresAt: 5 }), entry('b', '2')] });
    expect(Buffer.from((await ours.get('a'))?.value ?? []).toString()).to.equal('1');
    await until(async () => (await ours.size()).keys === 2);
    expect(await ours.expiring(5, 9)).to.deep.equal(['a']);
    await theirs.commit({ remove: ['a'] });
    expect(await ours.get('a')).to.equal(undefined);
    await theirs.commit({ remove: ['b'] });
    await until(async () => (await ours.scan({ limit: 9 })).length === 0);
  });

  it('refuses a commit that expects what another process has changed', async () => {
    const [ours, theirs] = [await open(), await open()];
    const [first, second] = [entry('a', '1'), entry('a', '2')];
    await ours.commit({ put: [first] });
    await theirs.commit({ expect: [{ key: 'a', version: first.version }], put: [second] });
    expect(await ours.commit({ expect: [{ key: 'a', version: first.version }], put: [entry('a', '3')] })).to.equal(
      false,
    );
    expect(await ours.commit({ expect: [{ key: 'a', version: second.version }], remove: ['a'] })).to.equal(true);
  });

  it('adds up what four processes count', async () => {
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, [ADDER, folder, '40'], { stdio: ['ignore', 'inherit', 'inherit'] }),
    );
    const ends = await Promise.all(children.map((child) => once(child, 'exit')));
    expect(ends.map(([code]) => code)).to.deep.equal([0, 0, 0, 0]);
    const values = (await (await open()).getMany(['one', 'two'])).map((it) => Buffer.from(it?.value ?? []).toString());
    expect(values).to.deep.equal(['160', '160']);
  }).timeout(60_000);

  it('adopts a file that was put there by hand, and versions a change that was made by hand', async () => {
    const store = await open();
    await writeFile(path('hand.json'), '{"hand": {"value": {"a": 1.0}}}');
    const made = (await store.get('hand')) as Entry;
    expect(Buffer.from(made.value).toString()).to.equal('{"a":1.0}');
    expect(made.contentType).to.equal('application/json');
    expect(made.createdAt).to.be.within(Date.now() - 5000, Date.now() + 1000);
    await store.commit({ put: [entry('b', 'before')] });
    const before = (await store.get('b')) as Entry;
    await writeFile(path('b.json'), (await readFile(path('b.json'), 'utf8')).replace('before', 'behind'));
    const after = (await store.get('b')) as Entry;
    expect(Buffer.from(after.value).toString()).to.equal('behind');
    expect(after.version).to.be.greaterThan(before.version);
    expect((await (await open()).get('b'))?.version).to.equal(after.version);
  });

  it('adopts metadata that was written by hand, as a new version, and shows it to the others', async () => {
    const [ours, theirs] = [await open(), await open()];
    const made = entry('a', '1', { meta: '{"n":1}' });
    await ours.commit({ put: [made] });
    expect((await theirs.get('a'))?.meta).to.equal('{"n":1}');
    const text = await readFile(path('a.json'), 'utf8');
    await writeFile(path('a.json'), text.replace('{"n":1}', '{\n  "n": 2\n}'));
    const edited = (await theirs.get('a')) as Entry;
    expect(edited.meta).to.equal('{"n":2}');
    expect(edited.version).to.be.greaterThan(made.version);
    await writeFile(path('a.json'), text.replace('"meta": {"n":1}, ', ''));
    expect(await ours.get('a')).not.to.have.property('meta');
    await writeFile(path('a.json'), text.replace('{"n":1}', '7'));
    const error: unknown = await Promise.resolve()
      .then(() => ours.get('a'))
      .catch((reason: unknown) => reason);
    expect((error as AppError).message)
      .to.include(path('a.json'))
      .and.include('"meta" must be a JSON object');
  });

  it('reads a file with a byte order mark and the line ends of Windows', async () => {
    await writeFile(path('a.json'), '\uFEFF{\r\n"a": {\r\n"value": 1}\r\n}\r\n');
    expect(Buffer.from((await (await open()).get('a'))?.value ?? []).toString()).to.equal('1');
  });

  it('reports a file that it cannot read, leaves it alone, and serves the others', async () => {
    const store = await open();
    await store.commit({ put: [entry('a', '1'), entry('b', '2')] });
    for (const wrong of ['{"a": ', '', 'null', '{}', '{"b": {"value": 1}}', '{"a": {"value": 1}, "c": {"value": 1}}']) {
      await writeFile(path('a.json'), wrong);
      const error: unknown = await Promise.resolve()
        .then(() => store.get('a'))
        .catch((reason: unknown) => reason);
      expect((error as AppError).code, wrong).to.equal('unavailable');
      expect((error as AppError).message).to.include(path('a.json'));
      const rejected: unknown = await Promise.resolve(store.commit({ put: [entry('a', '3')] })).catch(
        (reason: unknown) => reason,
      );
      expect((rejected as AppError).code).to.equal('unavailable');
      expect(await readFile(path('a.json'), 'utf8')).to.equal(wrong);
      expect(keysOf(await store.scan({ limit: 9 }))).to.deep.equal(['b']);
    }
    await rm(path('a.json'));
    expect(await store.commit({ put: [entry('a', '3')] })).to.equal(true);
  });

  it('is not written to by a process that opened it read-only', async () => {
    await (await open()).commit({ put: [entry('a', '1', { expiresAt: 1 })] });
    await rm(path('.portkv'), { recursive: true });
    const before = await stat(path(''));
    const options = Object.assign(new DirectoryOptions(), { read_only: true });
    const nothing = () => undefined;
    const log = { error: nothing, warn: nothing, info: nothing, debug: nothing };
    const store = await engine.open({ project: 'project', generation: 1, folder }, options, log);
    expect((await store.getMany(['a', 'b'])).map((it) => it?.key)).to.deep.equal(['a', undefined]);
    const error: unknown = await Promise.resolve(store.commit({ remove: ['a'] })).catch((reason: unknown) => reason);
    expect(error instanceof AppError && error.code).to.equal('forbidden');
    await store.close();
    expect(await readdir(path(''))).to.deep.equal(['a.json']);
    expect((await stat(path(''))).mtimeMs).to.equal(before.mtimeMs);
  });

  it('keeps versions in a copy that keeps times', async () => {
    const store = await open();
    const made = entry('a', '1');
    await store.commit({ put: [made] });
    execFileSync('cp', ['-p', path('a.json'), path('copy')]);
    await rename(path('copy'), path('a.json'));
    expect((await store.get('a'))?.version).to.equal(made.version);
  });
});

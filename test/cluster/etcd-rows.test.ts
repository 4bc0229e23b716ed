import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Store } from '../../src/application/ports/store.js';
import type { AppError } from '../../src/domain/errors.js';
import { StoreKeys, storePrefix } from '../../src/infrastructure/storage/engines/etcd/store-keys.js';
import { engineNamed } from '../../src/infrastructure/storage/engines/registry.js';
import { entry } from '../contract/store-fixture.js';
import { type EtcdCluster, missingEtcd, startEtcd } from './etcd-server.js';

const HOUR = 3_600_000;
const MIB = 1024 * 1024;
const reason = await missingEtcd();

describe(`The rows of a store in etcd${reason === undefined ? '' : `, skipped: ${reason}`}`, () => {
  let etcd: EtcdCluster;
  let folder: string;
  before(async function () {
    if (reason !== undefined) this.skip();
    etcd = await startEtcd({ flags: [`--quota-backend-bytes=${32 * MIB}`] });
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  after(async () => {
    await etcd?.remove();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  /** A store with a name, made if it is not there, and what reads its rows from outside. */
  async function storeOf(project: string, { isNew = true, options = {} } = {}) {
    const engine = await engineNamed('etcd');
    const all = Object.assign(new engine.Options(), { url: etcd.url, timeout: 5 }, options);
    const location = { project, generation: 1, folder };
    if (isNew) await engine.create(location, all);
    const open = () => engine.open(location, all, SILENT);
    const keys = new StoreKeys(await storePrefix(location, 'portkv/'));
    const rows = async (bounds: readonly [Buffer, Buffer]) => {
      const { kvs = [] } = await call('kv/range', { key: base64(bounds[0]), range_end: base64(bounds[1]) });
      return kvs as { key: string; value: string }[];
    };
    return { open, keys, rows, server: engine.server, options: all };
  }

  /** A call of the JSON interface of etcd, as an operator would make it. */
  async function call(path: string, body: object, token?: string) {
    const headers = token === undefined ? {} : { Authorization: token };
    const answer = await fetch(`${etcd.url}/v3/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await answer.text();
    expect(answer.status, text).to.equal(200);
    return JSON.parse(text);
  }

  const put = (key: Buffer, value: Buffer) => call('kv/put', { key: base64(key), value: base64(value) });

  it('removes the chunks of a large value with it, and when another one replaces it', async () => {
    const { open, keys, rows } = await storeOf('chunks');
    const store = await open();
    const chunks = async () =>
      (await rows([keys.chunk(Buffer.alloc(12), 0, ''), Buffer.from(afterLetter(keys, 'c'))])).length;
    await store.commit({ put: [entry('large', Buffer.alloc(3 * MIB, 'x'))] });
    expect(await chunks()).to.equal(3);
    await store.commit({ put: [entry('large', Buffer.alloc(2 * MIB, 'y'))] });
    expect(await chunks()).to.equal(2);
    await store.commit({ put: [entry('large', 'small')] });
    expect(await chunks()).to.equal(0);
    await store.commit({ put: [entry('large', Buffer.alloc(2 * MIB, 'z'))] });
    // A commit that does not happen leaves nothing.
    const expected = [{ key: 'large', version: 1 }];
    expect(await store.commit({ expect: expected, put: [entry('large', Buffer.alloc(2 * MIB))] })).to.equal(false);
    expect(await chunks()).to.equal(2);
    await store.commit({ remove: ['large'] });
    expect(await chunks()).to.equal(0);
    await store.close();
  });

  it('removes chunks that a crash left, an hour later and when the store is opened, and no others', async () => {
    const { open, keys, rows } = await storeOf('left-over');
    const first = await open();
    const value = Buffer.alloc(2 * MIB, 'x');
    await first.commit({ put: [entry('kept', value)] });
    await first.close();
    const setOf = (time: number) => {
      const set = Buffer.alloc(12);
      set.writeUIntBE(time, 0, 6);
      return set;
    };
    const [old, young] = [keys.chunk(setOf(Date.now() - 2 * HOUR), 0, 'kept'), keys.chunk(setOf(Date.now()), 0, 'new')];
    for (const chunk of [old, young]) await put(chunk, Buffer.from('left'));
    const second = await open();
    const left = (await rows([keys.chunk(Buffer.alloc(12), 0, ''), Buffer.from(afterLetter(keys, 'c'))])).map(
      ({ key }) => key,
    );
    expect(left).to.include(base64(young)).and.not.include(base64(old));
    expect(left).to.have.length(3);
    expect(Buffer.compare((await second.get('kept'))?.value ?? Buffer.alloc(0), value)).to.equal(0);
    await second.close();
  });

  it('adds the counters of handles that are gone to one row, and counts the same', async () => {
    const { open, keys, rows } = await storeOf('folded');
    const stores: Store[] = [];
    for (let i = 0; i < 5; i++) stores.push(await open());
    await Promise.all(stores.map((store, i) => store.commit({ put: [entry(`k${i}`, 'x'.repeat(i))] })));
    expect(await rows(keys.allCounters())).to.have.length(5);
    const last = stores.pop() as Store;
    for (const store of stores) await store.close();
    expect((await rows(keys.allCounters())).map(({ key }) => key))
      .to.include(base64(keys.sum))
      .and.have.length(2);
    const size = { keys: 5, bytes: 5 * 2 + 10 };
    expect(await last.size()).to.deep.equal(size);
    // As if its process had been killed two hours ago.
    for (const { key, value } of await rows(keys.allCounters())) {
      const row = JSON.parse(Buffer.from(value, 'base64').toString());
      await put(Buffer.from(key, 'base64'), Buffer.from(JSON.stringify({ ...row, at: Date.now() - 2 * HOUR })));
    }
    const next = await open();
    expect((await rows(keys.allCounters())).map(({ key }) => key)).to.deep.equal([base64(keys.sum)]);
    expect(await next.size()).to.deep.equal(size);
    // The handle that was taken for gone finds that out, and goes on.
    expect(await last.commit({ put: [entry('k5')] })).to.equal(true);
    expect(await next.size()).to.deep.equal({ keys: 6, bytes: size.bytes + 2 });
    await Promise.all([next.close(), last.close()]);
  });

  it('is full with NOSPACE: refuses writes, reads, and goes on after the alarm was disarmed', async () => {
    const { open, server, options } = await storeOf('full');
    const store = await open();
    const refusals: AppError[] = [];
    // Of several at the same time, one that is done fills etcd.
    const fill = async (handle: Store, i: number) => {
      let done = -1;
      for (let n = 0; refusals.length === 0; n++) {
        const filling = handle.commit({ put: [entry(`filled${i}`, Buffer.alloc(MIB, n))] });
        const outcome = await Promise.resolve(filling).catch((error: AppError) => error);
        if (outcome === true) done = n;
        else refusals.push(outcome as AppError);
      }
      expect((await store.get(`filled${i}`))?.value[0], 'the last that was acknowledged').to.equal(done);
    };
    const handles = await Promise.all([open(), open(), open(), open()]);
    await Promise.all(handles.map(fill));
    for (const { code, message } of refusals) {
      expect(code).to.equal('insufficient_storage');
      expect(message).to.match(/NOSPACE/);
    }
    for (const handle of handles) await handle.close();
    expect((await server?.durability(options))?.warnings.join()).to.include('alarm NOSPACE');
    const refused = await Promise.resolve(store.commit({ put: [entry('a')] })).catch((error: AppError) => error.code);
    expect(refused).to.equal('insufficient_storage');
    const { header } = await call('kv/range', { key: base64(Buffer.from('none')) });
    await call('kv/compaction', { revision: header.revision, physical: true });
    await call('maintenance/defragment', {});
    await call('maintenance/alarm', { action: 'DEACTIVATE', memberID: header.member_id, alarm: 'NOSPACE' });
    expect(await store.commit({ put: [entry('filled0', 'less')] })).to.equal(true);
    await store.close();
  });

  it('is refused with the reason, without the password, if user or password are wrong', async () => {
    await (await storeOf('users')).open().then((store) => store.close());
    await call('auth/user/add', { name: 'root', password: 'right-word' });
    await call('auth/role/add', { name: 'root' });
    await call('auth/user/grant', { user: 'root', role: 'root' });
    await call('auth/enable', {});
    try {
      const file = join(folder, 'etcd.url');
      const openWith = async (user: string) => {
        await writeFile(file, etcd.url.replace('//', `//${user}`));
        const { open } = await storeOf('users', { isNew: false, options: { url: undefined, url_file: file } });
        return open();
      };
      const refusal = async (user: string) => {
        const error = await openWith(user).catch((it: unknown) => it as AppError);
        const { code, isPermanent, message } = error as AppError;
        expect({ code, isPermanent }).to.deep.equal({ code: 'unavailable', isPermanent: true });
        expect(message).to.not.match(/wrong-word|right-word/);
        return message;
      };
      expect(await refusal('root:wrong-word@')).to.include('etcd refuses the user or the password');
      expect(await refusal('other:right-word@')).to.include('etcd refuses the user or the password');
      expect(await refusal('')).to.include('etcd asks for a user and a password');
      const store = await openWith('root:right-word@');
      expect(await store.commit({ put: [entry('a')] })).to.equal(true);
      await store.close();
    } finally {
      const { token } = await call('auth/authenticate', { name: 'root', password: 'right-word' });
      await call('auth/disable', {}, token);
    }
  });
});

const nothing = () => undefined;
const SILENT = { error: nothing, warn: nothing, info: nothing, debug: nothing };

function base64(bytes: Buffer): string {
  return bytes.toString('base64');
}

/** The first key after all those of a store that begin with a letter. */
function afterLetter({ existence }: StoreKeys, letter: string): string {
  return existence.toString().slice(0, -1) + String.fromCharCode(letter.charCodeAt(0) + 1);
}

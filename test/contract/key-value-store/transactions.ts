import { expect } from 'chai';
import { codeOf, type Declare } from './fixture.js';

export function transactionContract(declare: Declare): void {
  declare('runs all operations at one moment, and returns their results by position', async (store) => {
    await store.putMany(['get', 'head', 'delete', 'merge', 'touch'].map((key) => ({ key, value: { a: 1 } })));
    const before = await store.get('get');
    const results = await store.transaction([
      { get: { key: 'get' } },
      { get: { key: 'none', as: 'text' } },
      { head: { key: 'head' } },
      { put: { key: 'put', value: '1.0', as: 'text', contentType: 'application/json', ttl: 60 } },
      { delete: { key: 'delete' } },
      { delete: { key: 'missing' } },
      { increment: { key: 'increment', by: 2n ** 65n } },
      { append: { key: 'append', value: Uint8Array.of(0, 255) } },
      { merge: { key: 'merge', patch: { a: null, b: 2 } } },
      { touch: { key: 'touch', ttl: 60 } },
    ]);
    const [get, none, head, put, deleted, missing, increment, append, merge, touch] = results;
    expect([get, none, head]).to.deep.equal([before, undefined, await store.head('head')]);
    expect(put).to.deep.equal({ version: (await store.head('put'))?.version });
    expect([deleted, missing]).to.deep.equal([{ existed: true }, { existed: false }]);
    expect(increment).to.deep.equal({ version: (await store.head('increment'))?.version, value: 2n ** 65n });
    const versions = (await store.getMany(['append', 'merge', 'touch'])).map((entry) => entry?.version);
    expect([append, merge, touch].map(({ version }) => version)).to.deep.equal(versions);
    expect((await store.get('put', { as: 'text' }))?.value).to.equal('1.0');
    expect((await store.get('append'))?.value).to.deep.equal(Uint8Array.of(0, 255));
    expect((await store.get('merge'))?.value).to.deep.equal({ b: 2 });
    for (const key of ['put', 'touch']) expect((await store.head(key))?.expiresAt).to.be.instanceOf(Date);
  });

  declare('reads values as they are asked for', async (store) => {
    await store.put('a', 1);
    await store.put('b', Uint8Array.of(0x22, 0x71, 0x22));
    const [a, b, c] = await store.transaction([
      { get: { key: 'a', as: 'bytes' } },
      { get: { key: 'b', as: 'text' } },
      { put: { key: 'c', value: 1 } },
    ]);
    expect([a?.value, b?.value]).to.deep.equal([Uint8Array.of(0x31), '"q"']);
    expect(c.version).to.be.a('string');
    expect(await codeOf(store.transaction([{ get: { key: 'b', as: 'json' } }]))).to.equal(undefined);
  });

  declare('returns what was there before a put or a delete', async (store) => {
    await store.put('a', '1.0', { as: 'text' });
    const before = await store.get('a');
    const [put, none, deleted, plain] = await store.transaction([
      { put: { key: 'a', value: 2, return: 'old' } },
      { put: { key: 'b', value: 2, return: 'old' } },
      { delete: { key: 'none', return: 'old' } },
      { delete: { key: 'also none' } },
    ]);
    expect([put.old, none.old, deleted.old]).to.deep.equal([before, undefined, undefined]);
    expect([deleted, plain]).to.deep.equal([{ existed: false, old: undefined }, { existed: false }]);
    const [last] = await store.transaction([{ delete: { key: 'a', return: 'old' } }]);
    expect([last.existed, last.old?.value]).to.deep.equal([true, 2]);
  });

  declare('runs operations in order if it is sequential, also on the same key', async (store) => {
    const results = await store.transaction(
      [{ increment: { key: 'a', ttl: 60 } }, { increment: { key: 'a', by: 2 } }, { get: { key: 'a' } }],
      [{ key: 'a', absent: true }],
      { sequential: true },
    );
    expect([results[0].value, results[1].value, results[2]?.value]).to.deep.equal([1n, 3n, 3]);
    expect(results[1].expiresAt).to.deep.equal(results[0].expiresAt);
    expect(results[0].expiresAt).to.be.instanceOf(Date);
  });

  declare('does nothing if a check does not hold', async (store) => {
    const version = await store.put('a', 1);
    const put = [{ put: { key: 'b', value: 1 } }] as const;
    const old = await store.put('c', 1);
    await store.put('c', 2);
    for (const check of [
      { key: 'none', exists: true },
      { key: 'a', absent: true },
      { key: 'c', version: old },
      { key: 'c', version: 'no version!' },
    ] as const) {
      expect(await codeOf(store.transaction(put, [{ key: 'a', exists: true }, check]))).to.equal('check_failed');
      expect(await store.has('b')).to.equal(false);
    }
    await store.transaction(put, [
      { key: 'a', version },
      { key: 'b', absent: true },
      { key: 'c', exists: true },
    ]);
    expect(await store.has('b')).to.equal(true);
  });

  declare('does nothing if an operation fails', async (store) => {
    await store.put('text', 'no number', { as: 'text' });
    const put = { put: { key: 'a', value: 1 } };
    expect(await codeOf(store.transaction([put, { increment: { key: 'text' } }]))).to.equal('unprocessable');
    expect(await codeOf(store.transaction([put, { merge: { key: 'text', patch: {} } }]))).to.equal('unprocessable');
    expect(await codeOf(store.transaction([put, { touch: { key: 'none', ttl: 1 } }]))).to.equal('not_found');
    expect(await codeOf(store.transaction([put, { delete: { key: 'a' } }]))).to.equal('invalid');
    expect(await codeOf(store.transaction([put, { put: { key: 'b', value: undefined } }]))).to.equal('invalid');
    const two = { put: { key: 'b', value: 1 }, delete: { key: 'c' } };
    for (const operation of [two, {}, null, 'put'] as unknown as (typeof put)[]) {
      expect(await codeOf(store.transaction([operation])), JSON.stringify(operation)).to.equal('invalid');
    }
    const tooMany = Array.from({ length: 1_001 }, (_, i) => ({ put: { key: `k${i}`, value: i } }));
    expect(await codeOf(store.transaction(tooMany))).to.equal('invalid');
    expect(await store.count()).to.equal(1);
    expect(await store.transaction([])).to.deep.equal([]);
  });
}

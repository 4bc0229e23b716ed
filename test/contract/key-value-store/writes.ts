import { expect } from 'chai';
import { bytesOf, codeOf, type Declare, sleep } from './fixture.js';

export function writesContract(declare: Declare): void {
  declare('puts only if the version is still the given one, or the key is absent', async (store) => {
    const first = await store.put('a', 1, { ifAbsent: true });
    expect(await codeOf(store.put('a', 2, { ifAbsent: true }))).to.equal('precondition_failed');
    const second = await store.put('a', 2, { ifVersion: first });
    expect(second).not.to.equal(first);
    expect(await codeOf(store.put('a', 3, { ifVersion: first }))).to.equal('precondition_failed');
    expect(await codeOf(store.put('b', 3, { ifVersion: first }))).to.equal('precondition_failed');
    expect(await codeOf(store.put('a', 3, { ifVersion: 'no version!' }))).to.equal('precondition_failed');
    expect((await store.get('a'))?.value).to.equal(2);
  });

  declare('lets one of many callers put a key that is absent', async (store) => {
    const codes = await Promise.all(
      Array.from({ length: 20 }, (_, i) => codeOf(store.put('a', i, { ifAbsent: true }))),
    );
    expect(codes.filter((code) => code === undefined)).to.have.length(1);
    expect(codes.filter((code) => code === 'precondition_failed')).to.have.length(19);
  });

  declare('deletes again without an error, and only the given version', async (store) => {
    const version = await store.put('a', 1);
    await store.put('a', 2);
    expect(await codeOf(store.delete('a', { ifVersion: version }))).to.equal('precondition_failed');
    expect([await store.delete('a'), await store.delete('a')]).to.deep.equal([true, false]);
    expect(await store.delete('a', { ifVersion: version })).to.equal(false);
  });

  declare('lets entries expire', async (store) => {
    await store.put('a', 1, { ttl: 0.05 });
    await store.put('b', 1, { expiresAt: new Date(Date.now() + 60) });
    await store.put('c', 1, { ttl: 60 });
    await sleep(150);
    expect(await store.getMany(['a', 'b'])).to.deep.equal([undefined, undefined]);
    expect([await store.has('a'), await store.has('c'), await store.count()]).to.deep.equal([false, true, 1]);
  });

  declare('changes when an entry expires', async (store) => {
    const version = await store.put('a', 1);
    const touched = await store.touch('a', 60);
    expect(touched).to.be.a('string').and.not.to.equal(version);
    expect((await store.head('a'))?.expiresAt?.getTime()).to.be.within(Date.now() + 50_000, Date.now() + 60_000);
    await store.touch('a', null, { ifVersion: touched });
    const { expiresAt, sizeBytes } = (await store.head('a')) ?? {};
    expect([expiresAt, sizeBytes]).to.deep.equal([undefined, 1]);
    expect(await codeOf(store.touch('a', 1, { ifVersion: touched }))).to.equal('precondition_failed');
    expect(await store.touch('b', 60)).to.equal(undefined);
  });

  declare('refuses an expiry that is impossible', async (store) => {
    for (const ttl of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(await codeOf(store.put('a', 1, { ttl })), String(ttl)).to.equal('invalid');
      expect(await codeOf(store.touch('a', ttl)), String(ttl)).to.equal('invalid');
    }
    for (const expiresAt of [new Date(Number.NaN), new Date(-5), new Date(0), new Date(8.64e15)]) {
      expect(await codeOf(store.put('a', 1, { expiresAt })), String(expiresAt)).to.equal('invalid');
    }
    expect(await codeOf(store.put('a', 1, { expiresAt: '2030-01-01' as unknown as Date }))).to.equal('invalid');
    expect(await codeOf(store.put('a', 1, { ttl: 1, expiresAt: new Date(Date.now() + 1000) }))).to.equal('invalid');
    expect(await store.has('a')).to.equal(false);
  });

  declare('keeps metadata with a value until another put', async (store) => {
    const meta = { 'é "q"': [1, { b: '😀\n' }], n: 1.5 };
    await store.put('a', 1, { meta });
    expect([(await store.head('a'))?.meta, (await store.get('a'))?.meta]).to.deep.equal([meta, meta]);
    await store.touch('a', 60);
    await store.put('a', 2, { keepMeta: true });
    await store.putMany([{ key: 'b', value: 1, meta }]);
    expect((await store.getMany(['a', 'b'])).map((entry) => entry?.meta)).to.deep.equal([meta, meta]);
    await store.put('a', 3);
    expect((await store.head('a'))?.meta).to.equal(undefined);
    expect(await codeOf(store.put('a', 1, { meta, keepMeta: true }))).to.equal('invalid');
    expect(await codeOf(store.put('a', 1, { meta: { long: 'x'.repeat(1100) } }))).to.equal('too_large');
  });

  declare('gives a counter its expiry when it is created, and leaves it as it is afterwards', async (store) => {
    await store.increment('a', 1, { ttl: 60 });
    const first = (await store.head('a'))?.expiresAt;
    expect(await store.increment('a', 1, { ttl: 3600 })).to.equal(2n);
    expect((await store.head('a'))?.expiresAt).to.deep.equal(first);
    expect(first?.getTime()).to.be.above(Date.now());
  });

  declare('increments exactly, at any size and under concurrency', async (store) => {
    expect(await store.increment('a')).to.equal(1n);
    await Promise.all(Array.from({ length: 50 }, () => store.increment('a', 2n ** 70n)));
    expect(await store.increment('a', -1)).to.equal(50n * 2n ** 70n);
    expect((await store.get('a', { as: 'text' }))?.value).to.equal(String(50n * 2n ** 70n));
    const { version } = (await store.head('a')) ?? {};
    expect(await store.increment('a', 1, { ifVersion: version })).to.equal(50n * 2n ** 70n + 1n);
    expect(await codeOf(store.increment('a', 1, { ifVersion: version }))).to.equal('precondition_failed');
    expect(await codeOf(store.increment('a', 1, { ifAbsent: true }))).to.equal('precondition_failed');
    await store.put('b', 'no number');
    expect(await codeOf(store.increment('b'))).to.equal('unprocessable');
    expect(await codeOf(store.increment('c', 1.5))).to.equal('invalid');
  });

  declare('appends text and bytes', async (store) => {
    await store.append('a', 'é "x"');
    const version = await store.append('a', Uint8Array.of(0, 255), {});
    const found = await store.get('a', { as: 'bytes' });
    expect(found?.value).to.deep.equal(Uint8Array.of(...bytesOf('é "x"'), 0, 255));
    expect(found).to.include({ version, contentType: 'text/plain; charset=utf-8' });
    expect(await codeOf(store.append('a', 'x', { ifAbsent: true }))).to.equal('precondition_failed');
    for (const key of ['.', '..']) await store.append(key, Uint8Array.of(1, 255));
    expect((await store.get('..'))?.value).to.deep.equal(Uint8Array.of(1, 255));
    expect((await store.get('.'))?.contentType).to.equal('application/octet-stream');
  });

  declare('merges into JSON, and leaves the digits that it does not touch', async (store) => {
    const json = { as: 'text', contentType: 'application/json' } as const;
    await store.put('a', '{"n":1.0,"big":106242075399214372653,"gone":1}', json);
    const version = await store.merge('a', { gone: null, more: { a: ['é'] } });
    const found = await store.get('a', { as: 'text' });
    expect(found).to.include({ version, value: '{"n":1.0,"big":106242075399214372653,"more":{"a":["é"]}}' });
    expect(await store.merge('b', { a: 1 })).to.equal(undefined);
    await store.put('c', 'no JSON', { as: 'text' });
    expect(await codeOf(store.merge('c', { a: 1 }))).to.equal('unprocessable');
    expect(await codeOf(store.merge('a', {}, { ifVersion: 'x' }))).to.equal('precondition_failed');
  });
}

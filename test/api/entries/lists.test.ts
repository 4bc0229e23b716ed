import { expect } from 'chai';
import { inByteOrder } from '../../contract/store-fixture.js';
import type { HttpResponse } from '../../harness/http-client.js';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

onEveryEngine('A list', (on) => {
  it('in pages, by cursor or by Link, is complete', async () => {
    const project = await on.project();
    const keys = Array.from({ length: 57 }, (_, i) => `${[...'ab/é😀\uffff'][i % 6]}${i}`);
    await fill(project, keys);
    const items: Record<string, object> = (await project.send('GET', 'store')).json.data;
    const whole = Object.entries(items).map(([key, item]) => [key, { ...item, encoding: 'text' }]);
    expect(whole).to.have.length(57);
    for (const limit of [1, 10, 56, 57, 58]) {
      const byCursor: [string, unknown][] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const { data }: HttpResponse['json'] = (await list(project, `limit=${limit}${cursor && `&cursor=${cursor}`}`))
          .json;
        byCursor.push(...Object.entries(data.items));
        expect(Object.keys(data.items)).to.have.length.at.most(limit);
        cursor = data.cursor;
      }
      expect(byCursor, `pages of ${limit}`).to.deep.equal(whole);
      expect(await followed(project, `limit=${limit}&keys_only=true`)).to.deep.equal(inByteOrder(keys));
    }
    expect(await followed(project, 'limit=2&prefix=a&keys_only=true')).to.deep.equal(
      inByteOrder(keys.filter((key) => key.startsWith('a'))),
    );
    const { data } = (await list(project, 'prefix=nothing')).json;
    expect(data).to.deep.equal({ items: {}, cursor: null });
  });

  it('has pages of 100 by default, and of 1,000 at most', async () => {
    const project = await on.project();
    const keys = Array.from({ length: 1001 }, (_, i) => `k${i}`);
    await fill(project, keys);
    expect((await list(project, 'keys_only=true')).json.data.keys).to.have.length(100);
    expect((await list(project, 'keys_only=true&limit=1000')).json.data.keys).to.have.length(1000);
    expect(Object.keys((await project.send('GET', 'store')).json.data)).to.have.length(1001);
    const counted = (await list(project, 'count=true&limit=1')).json.data;
    expect([counted.count, Object.keys(counted.items)]).to.deep.equal([1001, ['k0']]);
    expect((await list(project, 'count=only')).json.data).to.deep.equal({ count: 1001 });
    expect((await list(project, 'count=only&prefix=k99')).json.data).to.deep.equal({ count: 11 });
  });

  it('goes on after a key that was deleted', async () => {
    const project = await on.project();
    await fill(project, ['a', 'b', 'c', 'd']);
    const { cursor } = (await list(project, 'limit=2&keys_only=true')).json.data;
    await project.send('DELETE', 'values/b');
    await project.send('DELETE', 'values/c');
    expect((await list(project, `limit=2&keys_only=true&cursor=${cursor}`)).json.data.keys).to.deep.equal(['d']);
  });

  it('by separator has each group once, over all pages', async () => {
    const project = await on.project();
    const keys = ['a', 'a/', 'a/1', 'a/2/x', 'a//', 'b', 'c/1', 'c/2', 'c0', 'é/1', '\u{10ffff}/1', 'z::1', 'z::2'];
    await fill(project, keys);
    const { data } = (await list(project, 'separator=/')).json;
    expect(Object.keys(data.items)).to.deep.equal(['a', 'b', 'c0', 'z::1', 'z::2']);
    expect(data.prefixes).to.deep.equal(['a/', 'c/', 'é/', '\u{10ffff}/']);
    const below = (await list(project, 'separator=/&prefix=a/&keys_only=true')).json.data;
    expect([below.keys, below.prefixes]).to.deep.equal([
      ['a/', 'a/1'],
      ['a//', 'a/2/'],
    ]);
    expect((await list(project, 'separator=::&prefix=z')).json.data.prefixes).to.deep.equal(['z::']);
    for (const limit of [1, 2, 3]) {
      expect(await followed(project, `separator=/&limit=${limit}`), `pages of ${limit}`).to.deep.equal(
        inByteOrder(['a', 'b', 'c0', 'z::1', 'z::2', 'a/', 'c/', 'é/', '\u{10ffff}/']),
      );
    }
  });

  it('is refused if it is malformed, with the parameter', async () => {
    const project = await on.project();
    const other = await on.project();
    for (const one of [project, other]) await fill(one, ['a', 'b', 'c']);
    const { cursor } = (await list(other, 'limit=1')).json.data;
    const numbers = ['limit=0', 'limit=1001', 'limit=-1', 'limit=abc', 'limit=', 'limit=1.5', 'limit=1&limit=2'];
    const cursors = ['cursor=', 'cursor=garbage', 'cursor=%00', 'cursor=====', `cursor=${cursor}`, `cursor=${cursor}x`];
    const others = ['keys_only=maybe', 'separator=', 'count=yes', 'count=', 'Prefix=a', 'offset=1', '__proto__=1'];
    for (const query of [...numbers, ...cursors, ...others]) {
      const { status, json } = await list(project, query);
      expect([status, json.error.code], query).to.deep.equal([400, 'invalid']);
      expect(json.message, query).to.contain(query.split('=', 1)[0]);
    }
  });

  it('is refused if keys and values are not discoverable', async () => {
    const project = await on.project({ security: { keys_and_values_discoverable: false } });
    await fill(project, ['a']);
    for (const path of ['store', 'store?count=only', 'store?keys_only=true', 'latest?prefix=a']) {
      expect((await project.send('GET', path)).status, path).to.equal(403);
    }
    expect((await project.send('DELETE', 'store?prefix=a&dry_run=true')).status).to.equal(403);
    expect((await project.send('GET', 'latest?key=a')).status).to.equal(200);
    const { json } = await project.send('DELETE', 'store?prefix=a');
    expect(json.data.count, 'the number of keys is as secret as their names').to.equal(null);
  });
});

async function fill(project: TestProject, keys: readonly string[]): Promise<void> {
  for (let i = 0; i < keys.length; i += 1000) {
    const operations = keys.slice(i, i + 1000).map((key) => ({ put: { key, text: `value of ${key}` } }));
    expect((await project.run({ operations })).status).to.equal(200);
  }
}

function list(project: TestProject, query: string) {
  return project.send('GET', `store?${query}`);
}

/** Keys and prefixes of all pages that Link leads to, in their order. */
async function followed(project: TestProject, query: string): Promise<string[]> {
  const found: string[] = [];
  for (let path: string | undefined = `store?${query}`; path !== undefined; ) {
    const { json, headers } = await project.send('GET', path);
    const { items, keys, prefixes = [], cursor } = json.data;
    const page = [...(keys ?? Object.keys(items)), ...prefixes];
    found.push(...inByteOrder(page));
    const link = /^<\/api\/v1\/projects\/[^/]+\/([^>]+)>; rel="next"$/.exec(String(headers.link ?? ''));
    expect(link === null, 'Link and cursor agree').to.equal(cursor === null);
    path = link?.[1];
  }
  return found;
}

import { expect } from 'chai';
import { inByteOrder, isWithin } from '../../contract/store-fixture.js';
import type { HttpResponse } from '../../harness/http-client.js';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

const KEYS = inByteOrder(['a', 'a/1', 'a/2', 'a0', 'b', 'b/1', 'b/2', 'c', 'é/1', '\uffff', '😀']);

onEveryEngine('A list in a range', (on) => {
  it('has the keys from `start` on and before `end`, in both directions, on any pages', async () => {
    const project = await on.project();
    await fill(project, KEYS);
    const bounds = [undefined, 'a', 'a/', 'b/1', 'c', '😀', '\u{10ffff}'];
    for (const [i, start] of bounds.entries()) {
      for (const [end, prefix] of [
        [bounds[(i + 2) % 7], undefined],
        [undefined, 'b'],
        [bounds[(i * 3) % 7], 'a'],
      ]) {
        const query = asQuery({ start, end, prefix });
        const expected = KEYS.filter((key) => key.startsWith(prefix ?? '') && isWithin(key, start, end));
        const limit = (i % 3) + 1;
        expect(await followed(project, `${query}limit=${limit}`), query).to.deep.equal(expected);
        const reverse = await followed(project, `${query}limit=${limit}&reverse=true`);
        expect(reverse, `${query} reverse`).to.deep.equal([...expected].reverse());
        const { count } = (await list(project, `${query}count=only`)).json.data;
        expect(count, query).to.equal(expected.length);
      }
    }
  });

  it('by separator has each group once, in both directions', async () => {
    const project = await on.project();
    await fill(project, KEYS);
    const forward = ['a', 'a/', 'a0', 'b', 'b/', 'c', 'é/', '\uffff', '😀'];
    for (const limit of [1, 2, 3, 100]) {
      const query = `separator=/&limit=${limit}`;
      expect(inByteOrder(await followed(project, query)), query).to.deep.equal(forward);
      expect(inByteOrder(await followed(project, `${query}&reverse=1`)), `${query} reverse`).to.deep.equal(forward);
    }
    const { keys, prefixes } = (await list(project, 'separator=/&reverse=1&keys_only=1')).json.data;
    expect([keys, prefixes]).to.deep.equal([
      ['😀', '\uffff', 'c', 'b', 'a0', 'a'],
      ['é/', 'b/', 'a/'],
    ]);
  });

  it('goes on from a cursor in its own direction only', async () => {
    const project = await on.project();
    await fill(project, ['a', 'b', 'c', 'd']);
    for (const [first, other] of [
      ['', '&reverse=true'],
      ['&reverse=true', ''],
    ]) {
      const { cursor } = (await list(project, `limit=2${first}`)).json.data;
      const { status, json } = await list(project, `limit=2${other}&cursor=${cursor}`);
      expect([status, json.error.parameter]).to.deep.equal([400, 'cursor']);
    }
    const { cursor } = (await list(project, 'limit=2&reverse=true')).json.data;
    await project.send('DELETE', 'values/b');
    await project.send('DELETE', 'values/c');
    const { data } = (await list(project, `limit=2&reverse=true&keys_only=true&cursor=${cursor}`)).json;
    expect(data).to.deep.equal({ keys: ['a'], cursor: null });
  });

  it('stays within the prefix of a key that has one', async () => {
    const project = await on.project();
    await fill(project, KEYS);
    const body = JSON.stringify({ name: 'part', scopes: ['list', 'read'], prefix: 'b' });
    const { key } = (await project.send('POST', 'api-keys', { body })).json.data;
    const part = Object.assign(Object.create(project), { key });
    expect(await followed(part, 'start=a&end=z&limit=2')).to.deep.equal(['b', 'b/1', 'b/2']);
    expect(await followed(part, 'start=b/1&reverse=true&limit=1')).to.deep.equal(['b/2', 'b/1']);
    expect((await list(part, 'start=a&prefix=a')).status).to.equal(403);
  });

  it('shows items in order as an array, and their metadata without values', async () => {
    const project = await on.project();
    await fill(project, ['10', '2', 'x']);
    const shown = async (query: string) => (await list(project, query)).json.data.items;
    const items = await shown('items=array');
    expect(items.map(({ key, value }: Item) => [key, value])).to.deep.equal(
      ['10', '2', 'x'].map((key) => [key, `of ${key}`]),
    );
    const byKey = await shown('limit=3');
    expect(items.map(({ key, ...item }: Item) => [key, item])).to.have.deep.members(Object.entries(byKey));
    expect(await shown('items=object')).to.deep.equal(byKey);
    const metadata = items.map(({ value: _, encoding: __, ...rest }: Item) => rest);
    expect(await shown('items=meta')).to.deep.equal(metadata);
    expect(await shown('items=meta&reverse=true&limit=2')).to.deep.equal([metadata[2], metadata[1]]);
    const { status, json } = await list(project, 'items=meta&keys_only=true');
    expect([status, json.message]).to.deep.equal([400, 'give either keys_only or items']);
  });

  it('shows keys to a key that may list, and metadata only to one that may read', async () => {
    const project = await on.project();
    await fill(project, ['a']);
    const body = JSON.stringify({ name: 'lister', scopes: ['list'] });
    const { key } = (await project.send('POST', 'api-keys', { body })).json.data;
    const lister = Object.assign(Object.create(project), { key });
    expect((await list(lister, 'keys_only=true')).json.data.keys).to.deep.equal(['a']);
    const { status, json } = await list(lister, 'items=meta');
    expect([status, json.error.required_scope]).to.deep.equal([403, 'read']);
    expect((await lister.send('HEAD', 'store?limit=1')).status).to.equal(403);
  });

  it('has the same headers for HEAD', async () => {
    const project = await on.project();
    await fill(project, KEYS);
    for (const query of [
      '',
      '?limit=2',
      '?limit=2&reverse=true&keys_only=true',
      '?limit=100',
      '?items=meta',
      '?count=only',
    ]) {
      const [get, head] = [await project.send('GET', `store${query}`), await project.send('HEAD', `store${query}`)];
      expect([head.status, head.text, head.headers.link], query).to.deep.equal([200, '', get.headers.link]);
      const length = {
        'content-length': undefined,
        'transfer-encoding': undefined,
        date: undefined,
        'x-request-id': '',
      };
      expect({ ...head.headers, ...length }, query).to.deep.equal({ ...get.headers, ...length });
    }
    expect((await project.send('HEAD', 'store?cursor=x')).status).to.equal(400);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: items of every shape
type Item = any;

async function fill(project: TestProject, keys: readonly string[]): Promise<void> {
  const operations = keys.map((key) => ({ put: { key, text: `of ${key}` } }));
  expect((await project.run({ operations })).status).to.equal(200);
}

function list(project: TestProject, query: string): Promise<HttpResponse> {
  return project.send('GET', `store?${query}`);
}

function asQuery(parameters: Record<string, string | undefined>): string {
  const given = Object.entries(parameters).filter((one): one is [string, string] => one[1] !== undefined);
  return given.map(([name, value]) => `${name}=${encodeURIComponent(value)}&`).join('');
}

/** The keys and prefixes of all pages. */
async function followed(project: TestProject, query: string): Promise<string[]> {
  const found: string[] = [];
  for (let target: string | undefined = `store?${query}&keys_only=true`; target !== undefined; ) {
    const { json, headers }: HttpResponse = await project.send('GET', target);
    found.push(...json.data.keys, ...(json.data.prefixes ?? []));
    expect(json.data.cursor === null).to.equal(headers.link === undefined);
    target = /\/(store\?[^>]+)>/.exec(String(headers.link))?.[1];
  }
  return found;
}

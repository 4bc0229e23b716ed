import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

onEveryEngine('Counts by prefix', (on) => {
  it('say how many entries and bytes each group has, at every level', async () => {
    const project = await on.project();
    await fill(project, { a: '1', 'a/1': '12', 'a/2': '345', 'a/b/1': '6', 'a/b/2': '', 'c/1': 'x' });
    const top = (await list(project, 'separator=/&count=prefixes&keys_only=true')).json.data;
    expect(top).to.deep.equal({
      keys: ['a'],
      prefixes: ['a/', 'c/'],
      prefix_counts: [counted('a/', 4, 6), counted('c/', 1, 1)],
      cursor: null,
    });
    const below = (await list(project, 'separator=/&count=prefixes&keys_only=true&prefix=a/')).json.data;
    expect([below.keys, below.prefix_counts]).to.deep.equal([['a/1', 'a/2'], [counted('a/b/', 2, 1)]]);
    const between = (await list(project, 'separator=/&count=prefixes&start=a/2&end=c/')).json.data;
    expect(between.prefix_counts).to.deep.equal([counted('a/', 3, 4)]);
    const reverse = (await list(project, 'separator=/&count=prefixes&reverse=true&limit=1')).json.data;
    expect(reverse.prefix_counts).to.deep.equal([counted('c/', 1, 1)]);
  });

  it('leave out what has expired, and count what is total exactly', async () => {
    const project = await on.project();
    await fill(project, { 'a/1': '12', 'a/2': '345', 'b/1': '6' });
    await project.put('a/3', 'gone', {}, '?ttl=10');
    expect((await list(project, 'count=bytes')).json.data).to.deep.equal({ count: 4, size_bytes: 10 });
    on.clock.shift += 10_001;
    expect((await list(project, 'count=bytes&prefix=a/')).json.data).to.deep.equal({ count: 2, size_bytes: 5 });
    const { prefix_counts } = (await list(project, 'separator=/&count=prefixes')).json.data;
    expect(prefix_counts).to.deep.equal([counted('a/', 2, 5), counted('b/', 1, 1)]);
  });

  it('end at 1,000 and say so', async () => {
    const project = await on.project();
    await fill(project, Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`few/${i}`, 'x'])));
    await fill(project, Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`many/${i}`, 'x'])));
    const { prefix_counts } = (await list(project, 'separator=/&count=prefixes&keys_only=true')).json.data;
    expect(prefix_counts).to.deep.equal([
      counted('few/', 1000, 1000),
      { ...counted('many/', 1000, 1000), complete: false },
    ]);
    expect((await list(project, 'count=only&prefix=many/')).json.data).to.deep.equal({ count: 1001 });
  });
});

onEveryEngine('What a key learns by counts', (on) => {
  it('is the bytes only with the scope read, and nothing outside its prefix', async () => {
    const project = await on.project();
    await fill(project, { 'a/x/1': '12', 'b/x/1': '345' });
    const created = async (grant: object) =>
      (await project.send('POST', 'api-keys', { body: JSON.stringify({ name: 'k', ...grant }) })).json.data.key;
    const [lister, confined] = [await created({ scopes: ['list'] }), await created({ scopes: ['list'], prefix: 'a/' })];
    const ask = (key: string, query: string) =>
      project.send('GET', `store?${query}`, { headers: { authorization: `Bearer ${key}` } });
    const { size_bytes: _, ...unsized } = counted('a/', 1, 2);
    const { prefix_counts } = (await ask(lister, 'separator=/&count=prefixes&keys_only=true')).json.data;
    expect(prefix_counts[0]).to.deep.equal(unsized);
    expect((await ask(lister, 'count=bytes')).json.error).to.include({
      code: 'insufficient_scope',
      required_scope: 'read',
    });
    const own = (await ask(confined, 'separator=/&count=prefixes&keys_only=true')).json.data;
    expect(own.prefix_counts).to.deep.equal([{ ...unsized, prefix: 'a/x/' }]);
    expect((await ask(confined, 'separator=/&count=prefixes&keys_only=true&prefix=b/')).status).to.equal(403);
  });

  it('is a clear 400 for a count that does not exist or lacks its separator', async () => {
    const project = await on.project();
    const without = await list(project, 'count=prefixes');
    expect([without.status, without.json.message]).to.deep.equal([400, 'count=prefixes needs separator']);
    expect((await list(project, 'count=groups')).json.message).to.match(/count.*only.*bytes.*true.*prefixes/);
  });
});

const list = (project: TestProject, query: string) => project.send('GET', `store?${query}`);
const counted = (prefix: string, count: number, size_bytes: number) => ({ prefix, count, size_bytes, complete: true });

async function fill(project: TestProject, entries: Readonly<Record<string, string>>): Promise<void> {
  const puts = Object.entries(entries).map(([key, text]) => ({ put: { key, text } }));
  for (let at = 0; at < puts.length; at += 1000) {
    expect((await project.run({ operations: puts.slice(at, at + 1000) })).status).to.equal(200);
  }
}

import { expect } from 'chai';
import fc from 'fast-check';
import { AWKWARD_KEYS, inByteOrder } from '../../contract/store-fixture.js';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };
const TEXT = { 'content-type': 'text/plain' };

onEveryEngine('A key', (on) => {
  it('comes back as it was sent on every route, however awkward it is', async () => {
    const project = await on.project();
    await each(AWKWARD_KEYS, (key) => takesEveryRoute(project, key));
    await isListed(project, AWKWARD_KEYS);
  });

  it('comes back as it was sent on every route, for random Unicode', async () => {
    const key = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 60 })
      .filter((it) => it.isWellFormed() && Buffer.byteLength(it) <= 512);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { minLength: 30, maxLength: 30 }), async (keys) => {
        const project = await on.project();
        await each(keys, (one) => takesEveryRoute(project, one));
        await isListed(project, keys);
      }),
      { numRuns: 2 },
    );
  });

  it('is refused if it is malformed', async () => {
    const project = await on.project();
    const long = encodeURIComponent('é'.repeat(257));
    for (const bad of ['%', '%zz', '%ff', '%c3', '%ed%a0%80', long, 'k'.repeat(513)]) {
      for (const path of [`store/${bad}`, `store/${bad}/value`, `values/${bad}`, `values?key=${bad}`]) {
        const { status, json } = await project.send('GET', path);
        expect([status, json.error.code], path).to.deep.equal([400, 'invalid']);
      }
      for (const path of [`store/${bad}/increment`, `store/${bad}/touch`, `store/${bad}/append`]) {
        const body = '{"ttl":1}';
        expect((await project.send('POST', path, { body })).status, path).to.equal(400);
      }
      expect((await project.send('GET', `latest?key=${bad}`)).status, `latest ${bad}`).to.equal(400);
      expect((await project.send('POST', 'store', { body: `${bad}=1`, headers: FORM })).status, bad).to.equal(400);
    }
    for (const path of ['store/', 'values/', 'values', 'values?key=', 'store//value', 'latest?key=']) {
      expect((await project.send('GET', path)).status, path).to.equal(400);
    }
    for (const path of ['store//touch', 'store//append', 'store//increment']) {
      expect((await project.send('POST', path, { body: '{"ttl":1}' })).status, path).to.equal(400);
    }
    expect((await project.run('{"operations":[{"get":{"key":"\\ud800"}}]}')).status).to.equal(400);
  });
});

async function takesEveryRoute(project: TestProject, key: string): Promise<void> {
  const item = `store/${encodeURIComponent(key)}`;
  const path = `values/${encodeURIComponent(key).replaceAll('%2F', '/')}`;
  const query = `values?key=${encodeURIComponent(key)}`;
  const value = `value of ${key}`;
  const shows = async (expected: string) => {
    for (const route of [path, query, `${item}/value`]) {
      const { status, text } = await project.send('GET', route);
      expect([status, text], `${route} of ${JSON.stringify(key)}`).to.deep.equal([200, expected]);
    }
    expect((await project.send('GET', item)).json.data.value, item).to.equal(expected);
    const latest = await project.send('GET', `latest?key=${encodeURIComponent(key)}`);
    expect([latest.json.data.key, latest.json.data.value]).to.deep.equal([key, expected]);
  };

  const put = await project.send('PUT', item, { body: value, headers: TEXT });
  expect(put.json.message).to.equal(`Key '${key}' set successfully in project '${project.id}' store`);
  await shows(value);
  expect((await project.send('PUT', path, { body: `${value}2` })).status, path).to.equal(204);
  await shows(`${value}2`);
  expect((await project.send('PUT', query, { body: `${value}3` })).status, query).to.equal(204);
  await shows(`${value}3`);
  expect((await project.send('POST', `${item}/append`, { body: '4', headers: TEXT })).status).to.equal(200);
  expect((await project.send('POST', `${item}/touch`, { body: '{"ttl":1000}', headers: JSON_TYPE })).status).to.equal(
    200,
  );
  await shows(`${value}34`);
  for (const route of [path, query, item]) {
    expect((await project.send('DELETE', route)).status, route).to.equal(route === item ? 200 : 204);
    expect((await project.send('GET', route)).status, route).to.equal(404);
    const increment = await project.send('POST', `${item}/increment`, { body: '{"by":7}', headers: JSON_TYPE });
    expect(increment.json.data.value).to.equal(7);
  }
  const transaction = { operations: [{ put: { key, text: value } }] };
  expect((await project.run(transaction)).status).to.equal(200);
  await shows(value);
  if (key !== 'auth') {
    const form = { body: new URLSearchParams([[key, `${value} of a form`]]).toString(), headers: FORM };
    const stored = await project.send('POST', 'store', form);
    expect(Object.keys(stored.json.data), stored.text).to.deep.equal([key]);
    await shows(`${value} of a form`);
  }
  for (const what of ['keys_only=true', 'keys_only=false', 'separator=%01%02%03']) {
    const { data } = (await project.send('GET', `store?prefix=${encodeURIComponent(key)}&limit=1&${what}`)).json;
    expect((data.keys ?? Object.keys(data.items))[0], what).to.equal(key);
  }
}

async function isListed(project: TestProject, all: readonly string[]): Promise<void> {
  const keys = inByteOrder(all);
  const found = async (query: string) => (await project.send('GET', `store${query}`)).text;
  expect(JSON.parse(await found('?keys_only=true&limit=1000')).data.keys).to.deep.equal(keys);
  // An object of JavaScript would put integers first.
  for (const text of [await found(''), await found('?limit=1000')]) {
    const places = keys.map((key) => text.indexOf(`${JSON.stringify(key)}:{"content_type"`));
    expect(
      places.every((place, i) => place > (places[i - 1] ?? 0)),
      'in order',
    ).to.equal(true);
    const { data } = JSON.parse(text);
    expect(new Set(Object.keys(data.items ?? data))).to.deep.equal(new Set(keys));
  }
  const pages: string[] = [];
  let next: string | undefined = '?keys_only=true&limit=7';
  while (next !== undefined) {
    const answer = await project.send('GET', `store${next}`);
    pages.push(...answer.json.data.keys);
    next = /\?[^>]*/.exec(String(answer.headers.link ?? ''))?.[0];
  }
  expect(pages).to.deep.equal(keys);
}

async function each(keys: readonly string[], check: (key: string) => Promise<void>): Promise<void> {
  for (let i = 0; i < keys.length; i += 20) await Promise.all(keys.slice(i, i + 20).map(check));
}

import { expect } from 'chai';
import { inByteOrder } from '../../contract/store-fixture.js';
import type { TestProject } from '../../harness/test-project.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };
const TEXT = { 'content-type': 'text/plain' };

/** Expects that every route that names a key treats this one alike. */
export async function expectOnEveryRoute(project: TestProject, key: string): Promise<void> {
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

/** Expects that lists contain these keys, and no others, in their order. */
export async function expectListed(project: TestProject, all: readonly string[]): Promise<void> {
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

/** Checks keys in groups of 20. */
export async function eachKey(keys: readonly string[], check: (key: string) => Promise<void>): Promise<void> {
  for (let i = 0; i < keys.length; i += 20) await Promise.all(keys.slice(i, i + 20).map(check));
}

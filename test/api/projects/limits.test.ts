import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const MERGE = { 'content-type': 'application/merge-patch+json' };

onEveryEngine('A limit', (on) => {
  it('of the size of a value holds for every way to write it, and returns limit and size', async () => {
    const project = await on.project({ limits: { max_value_bytes: 10 } });
    expect((await project.put('k', '1234567890')).status).to.equal(201);
    const details = { code: 'too_large', limit: 'max_value_bytes', limit_bytes: 10 };
    const tooLarge = [
      project.put('k', '12345678901'),
      project.send('PUT', 'store/k', { body: '12345678901' }),
      project.send('POST', 'store/k/append', { body: '1' }),
      project.run({ operations: [{ append: { key: 'k', text: '1' } }] }),
      project.run({ operations: [{ put: { key: 'k2', text: '12345678901' } }] }),
      project.send('POST', 'store', {
        body: 'k=12345678901',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
    ];
    for (const [i, { status, json }] of (await Promise.all(tooLarge)).entries()) {
      expect([status, json.error], `${i}`).to.deep.include.members([413]);
      expect(json.error, `${i}`).to.deep.include({ ...details, sent_bytes: 11 });
    }
    await project.put('n', '9999999999');
    expect((await project.send('POST', 'store/n/increment')).json.error).to.deep.include({
      ...details,
      sent_bytes: 11,
    });
    await project.put('j', '{"a":123}');
    const patched = await project.send('PATCH', 'store/j', { body: '{"b":1}', headers: MERGE });
    expect(patched.json.error).to.deep.include({ ...details, sent_bytes: 15 });
    expect((await project.get('k')).text).to.equal('1234567890');
    await project.configure({ limits: { max_value_bytes: 5 } });
    const touch = { body: '{"ttl":100}', headers: JSON_TYPE };
    expect((await project.send('POST', 'store/k/touch', touch)).status, 'what is there stays').to.equal(200);
    await project.configure({ limits: { max_value_bytes: null } });
    expect((await project.put('k', 'x'.repeat(1000))).status).to.equal(204);
  });

  it('of content types compares type and subtype, and returns those allowed', async () => {
    const project = await on.project({ limits: { content_types: ['application/json', 'text/*'] } });
    for (const type of ['application/json', 'Application/JSON; charset=utf-8', 'text/plain', 'TEXT/x']) {
      expect((await project.put('k', '1', { 'content-type': type })).status, type).to.be.oneOf([201, 204]);
    }
    for (const type of ['application/jsonx', 'texts/plain', 'image/png', 'nonsense', 'text']) {
      const { status, json } = await project.put('k', '2', { 'content-type': type });
      expect(status, type).to.equal(415);
      expect(json.error).to.deep.include({
        code: 'unsupported_media_type',
        limit: 'content_types',
        limit_value: ['application/json', 'text/*'],
        sent: type,
      });
    }
    const typed = { put: { key: 'k', text: 'x', content_type: 'image/png' } };
    expect((await project.run({ operations: [typed] })).status).to.equal(415);
    expect((await project.get('k')).text).to.equal('1');
  });

  it('of keys is a pattern for the whole key, in linear time', async () => {
    const project = await on.project({ limits: { key_pattern: '([a-z]+)+' } });
    expect((await project.put('abc', '1')).status).to.equal(201);
    for (const key of ['abc1', 'ABC', 'a/b', `${'a'.repeat(500)}!`]) {
      const { status, json } = await project.put(key, '1');
      expect(status).to.equal(422);
      expect(json.error).to.deep.equal({
        code: 'unprocessable',
        limit: 'key_pattern',
        limit_value: '([a-z]+)+',
        sent: key,
      });
    }
    expect(
      (await project.run({ operations: [{ put: { key: 'ok', text: '' } }, { increment: { key: 'N' } }] })).status,
    ).to.equal(422);
    expect((await project.get('ok')).status).to.equal(404);
  });

  it('by a schema holds for every value, and returns what is wrong and where', async () => {
    const schema = {
      type: 'object',
      properties: {
        name: { type: 'string', pattern: '^(a+)+$' },
        at: { type: 'string', format: 'date-time' },
        tags: { type: 'array', uniqueItems: true },
      },
      required: ['name'],
      additionalProperties: false,
    };
    const project = await on.project({ limits: { value_schema: schema } });
    expect((await project.put('k', '{"name":"aaa","at":"2026-01-01T00:00:00Z"}')).status).to.equal(201);
    const wrong: [string, string][] = [
      ['{"name":"b"}', '/name'],
      ['{"name":"a","at":"yesterday"}', '/at'],
      ['{"name":"a","more":1}', ''],
      ['{"name":"a","__proto__":1}', ''],
      ['{}', ''],
      ['[]', ''],
      ['no json', ''],
      [`{"name":"${'a'.repeat(100_000)}!"}`, '/name'],
      [`{"name":"a","tags":[${Array.from({ length: 50_000 }, (_, i) => `{"i":${i}}`)},{"i":7}]}`, '/tags'],
    ];
    for (const [value, path] of wrong) {
      const { status, json } = await project.put('k', value);
      expect([status, json.error.limit, json.error.errors[0].path], value.slice(0, 50)).to.deep.equal([
        422,
        'value_schema',
        path,
      ]);
    }
    expect((await project.send('PATCH', 'store/k', { body: '{"name":1}', headers: MERGE })).status).to.equal(422);
    expect((await project.send('PATCH', 'store/k', { body: '{"at":null}', headers: MERGE })).status).to.equal(200);
    expect((await project.send('POST', 'store/k/append', { body: 'x' })).status).to.equal(422);
    expect((await project.get('k')).text).to.equal('{"name":"aaa"}');
    await project.configure({ limits: { value_schema: null } });
    expect((await project.put('k', 'anything')).status).to.equal(204);
  });

  it('of conditions requires one with every write, and in a transaction a check of every key written', async () => {
    const project = await on.project({ limits: { require_conditional: true } });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const refused = [
      project.put('k', '1'),
      project.send('DELETE', 'values/k'),
      project.send('PATCH', 'values/k', { body: '{}', headers: MERGE }),
      project.send('POST', 'store/k/increment'),
      project.send('POST', 'store/k/append', { body: 'x' }),
      project.send('POST', 'store/k/touch', { body: '{"ttl":1}', headers: JSON_TYPE }),
      project.send('POST', 'store', { body: 'k=1', headers: form }),
      project.send('DELETE', 'store'),
      project.send('DELETE', 'store?prefix=k'),
      project.run({ checks: [{ key: 'a', absent: true }], operations: [{ put: { key: 'k', text: '' } }] }),
    ];
    for (const [i, { status, json }] of (await Promise.all(refused)).entries()) {
      expect([status, json.error.limit], `${i}`).to.deep.equal([428, 'require_conditional']);
    }
    const created = await project.put('k', '1', { 'if-none-match': '*' });
    expect(created.status).to.equal(201);
    expect((await project.put('k', '2', { 'if-match': String(created.headers.etag) })).status).to.equal(204);
    expect((await project.get('k')).status).to.equal(200);
    expect((await project.send('DELETE', 'store?prefix=k&dry_run=true')).status).to.equal(200);
    const operations = [{ put: { key: 'k', text: '3' } }, { get: { key: 'other' } }];
    expect((await project.run({ checks: [{ key: 'k', exists: true }], operations })).status).to.equal(200);
  });

  it('of keys and bytes is exact among concurrent writers, reports the size refused, allows shrinking', async () => {
    const project = await on.project({ limits: { max_keys: 7 } });
    const statuses = (await Promise.all(Array.from({ length: 40 }, (_, i) => project.put(`k${i}`, 'x')))).map(
      (it) => it.status,
    );
    expect(statuses.filter((status) => status === 201)).to.have.length(7);
    expect(statuses.filter((status) => status === 507)).to.have.length(33);
    const { json } = await project.put('one', 'more');
    expect(json.error).to.deep.equal({ code: 'insufficient_storage', limit: 'max_keys', limit_value: 7, would_be: 8 });
    await fits(project);
    await project.configure({ security: { keys_and_values_discoverable: false } });
    const hidden = (await project.put('one', 'more')).json;
    expect(hidden.error).to.deep.equal({ code: 'insufficient_storage', limit: 'max_keys', limit_value: 7 });
    expect(hidden.message).to.equal('The project may hold at most 7 keys');
    await project.configure({ security: { keys_and_values_discoverable: true } });

    await project.configure({ limits: { max_keys: null, max_total_bytes: 30 } });
    await project.send('DELETE', 'store');
    expect((await project.put('é', 'x'.repeat(28))).status).to.equal(201);
    expect((await project.send('POST', 'store/%C3%A9/append', { body: 'x' })).json.error).to.deep.include({
      limit: 'max_total_bytes',
      limit_value: 30,
      would_be: 31,
    });
    await project.configure({ limits: { max_total_bytes: 20 } });
    expect((await project.put('é', 'x'.repeat(28))).status, 'no larger than before').to.equal(204);
    expect((await project.put('é', 'x'.repeat(27))).status, 'smaller').to.equal(204);
    expect((await project.put('é', 'x'.repeat(28))).status).to.equal(507);
    expect((await project.send('DELETE', 'values/%C3%A9')).status).to.equal(204);
    expect((await project.put('a', 'x'.repeat(19))).status).to.equal(201);
  });

  it('does not count expired entries', async () => {
    const project = await on.project({ limits: { max_keys: 1 } });
    for (let i = 0; i < 5; i++) {
      expect((await project.put(`k${i}`, 'x', {}, '?ttl=1')).status).to.equal(201);
      on.clock.shift += 1000;
    }
    on.clock.shift = 0;
  });

  it('of the system holds if the project has none', async () => {
    const plain = await on.project();
    const own = await on.project({ limits: { max_value_bytes: 10 } });
    const file = join(on.server.folder, 'config.json');
    const config = JSON.parse(await readFile(file, 'utf8'));
    config.system.limits = { max_value_bytes: 5, key_pattern: '[a-z]+' };
    await writeFile(file, JSON.stringify(config));
    await on.server.restart();
    expect((await plain.put('k', '123456')).status).to.equal(413);
    expect((await plain.put('k', '12345')).status).to.equal(201);
    expect((await own.put('k', '123456')).status).to.equal(201);
    expect((await own.put('K', '1')).status).to.equal(422);
  });

  it('that is malformed is refused with its path, and the settings stay', async () => {
    const project = await on.project({ limits: { max_keys: 5 } });
    const bad: [object, string][] = [
      [{ max_value_bytes: 0 }, 'limits.max_value_bytes'],
      [{ max_value_bytes: '1' }, 'limits.max_value_bytes'],
      [{ max_keys: -1 }, 'limits.max_keys'],
      [{ max_total_bytes: 1.5 }, 'limits.max_total_bytes'],
      [{ key_pattern: '(' }, 'limits.key_pattern'],
      [{ key_pattern: '(?=a)' }, 'limits.key_pattern'],
      [{ content_types: ['json'] }, 'limits.content_types'],
      [{ content_types: 'text/plain' }, 'limits.content_types'],
      [{ require_conditional: 'yes' }, 'limits.require_conditional'],
      [{ max_key: 1 }, 'limits.max_key'],
      [{ value_schema: [] }, 'limits.value_schema'],
      [{ value_schema: { type: 'nonsense' } }, 'limits.value_schema'],
      [{ value_schema: { minimun: 1 } }, 'limits.value_schema'],
      [{ value_schema: { pattern: '(' } }, 'limits.value_schema'],
      [{ value_schema: { pattern: '(?=a)' } }, 'limits.value_schema'],
      [{ value_schema: { $ref: 'http://127.0.0.1:9/schema.json' } }, 'limits.value_schema'],
      [{ value_schema: { $ref: '#/nowhere' } }, 'limits.value_schema'],
      [{ value_schema: { $ref: '#' } }, 'limits.value_schema'],
      [{ value_schema: { $async: true } }, 'limits.value_schema'],
      [{ value_schema: { format: 'nonsense' } }, 'limits.value_schema'],
    ];
    for (const [limits, path] of bad) {
      const shown = JSON.stringify(limits);
      const { status, json } = await project.server.call('PUT', project.id, {
        key: project.key,
        body: JSON.stringify({ limits }),
      });
      expect([status, json.error.errors?.[0].path], shown).to.deep.equal([400, path]);
      const body = JSON.stringify({ id: 'bad', limits });
      const created = await project.server.call('POST', '/api/v1/projects', { key: project.server.systemKey, body });
      expect([created.status, created.json.error.errors?.[0].path], shown).to.deep.equal([400, path]);
    }
    const { json } = await project.server.call('GET', project.id, { key: project.key });
    expect(json.data.limits).to.deep.equal({ max_keys: 5 });
  });
});

/** Expects that a full project of keys k0 to k39 accepts writes that do not add to it. */
async function fits(project: TestProject): Promise<void> {
  const [key = ''] = (await project.send('GET', 'store?keys_only=true')).json.data.keys;
  expect((await project.put(key, 'longer')).status).to.equal(204);
  expect(
    (await project.run({ operations: [{ delete: { key } }, { put: { key: 'swapped', text: '' } }] })).status,
  ).to.equal(200);
  expect(
    (await project.run({ operations: [{ put: { key: 'a', text: '' } }, { put: { key: 'swapped', text: '' } }] }))
      .status,
  ).to.equal(507);
  expect((await project.send('DELETE', 'values/swapped')).status).to.equal(204);
  expect((await project.put('again', 'x')).status).to.equal(201);
}

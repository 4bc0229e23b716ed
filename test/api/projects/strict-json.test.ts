import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const BROKEN = '{\n  "a": 1,\n}';
const AT = { code: 'invalid', limit: 'strict_json', limit_value: true, place: { line: 3, column: 1, offset: 12 } };

onEveryEngine('A project that wants JSON where a content type says so', (on) => {
  it('refuses what is none with 400 and the place, by every way to write it', async () => {
    const project = await on.project({ limits: { strict_json: true } });
    const typed = { text: BROKEN, content_type: 'application/json' };
    await project.put('j', '[1]', JSON_TYPE);
    const refused = {
      'PUT values': project.put('k', BROKEN, JSON_TYPE),
      'PUT store': project.send('PUT', 'store/k', { body: BROKEN, headers: JSON_TYPE }),
      'PUT by query': project.send('PUT', 'values?key=k', { body: BROKEN, headers: JSON_TYPE }),
      append: project.send('POST', 'store/k/append', { body: BROKEN, headers: JSON_TYPE }),
      transaction: project.run({ operations: [{ put: { key: 'ok', text: '' } }, { put: { key: 'k', ...typed } }] }),
      import: project.send('POST', 'import', { body: exportOf(BROKEN) }),
      'import that replaces': project.send('POST', 'import?mode=replace', { body: exportOf(BROKEN) }),
      'import, tried only': project.send('POST', 'import?dry_run=true', { body: exportOf(BROKEN) }),
    };
    for (const [name, answer] of Object.entries(refused)) {
      const { status, json } = await answer;
      const { put: _, unchanged: __, last_key: ___, ...error } = json.error;
      const place = name.startsWith('import') ? { ...AT, line: 2 } : AT;
      expect([status, error], name).to.deep.equal([400, { ...place, key: 'k' }]);
      expect(json.message, name).to.include('line 3, column 1: a member name in double quotes is missing');
    }
    const appended = await project.send('POST', 'store/j/append', { body: ' x' });
    expect([appended.status, appended.json.error.place.column]).to.deep.equal([400, 5]);
    expect((await project.get('j')).text).to.equal('[1]');
    for (const key of ['k', 'ok']) expect((await project.get(key)).status).to.equal(404);
  });

  it('looks at every JSON type, and at no other', async () => {
    const project = await on.project({ limits: { strict_json: true } });
    const json = ['application/json', 'Application/JSON; charset=utf-8', ' application/ld+json', 'text/json;a=b'];
    for (const type of [...json, 'application/problem+json ;x', 'application/vnd.a.b-c+JSON']) {
      for (const value of ['', 'no', '{"a":1', '\ufeff{}', "{'a':1}", 'NaN', '1 2'])
        expect((await project.put('k', value, { 'content-type': type })).status, `${type} ${value}`).to.equal(400);
      expect((await project.put('k', Uint8Array.of(0x22, 0xff, 0x22), { 'content-type': type })).status).to.equal(400);
      const deep = `${'['.repeat(100)}${']'.repeat(100)}`;
      for (const value of ['{"a":[1.0]}', ' 1 ', '"\\ud800"', deep])
        expect((await project.put('k', value, { 'content-type': type })).status, `${type} ${value}`).to.be.below(300);
    }
    const others = [
      'text/plain',
      'application/jsonl',
      'application/x-ndjson',
      'application/json5',
      'a/b+jsonx',
      'json',
    ];
    for (const type of others)
      expect((await project.put('k', BROKEN, { 'content-type': type })).status, type).to.equal(204);
    expect((await project.put('k', BROKEN)).status, 'no type').to.equal(204);
  });

  it('takes what patches and increments make, and keeps what is there', async () => {
    const project = await on.project();
    await project.put('old', BROKEN, JSON_TYPE);
    await project.put('j', '{"a":1}', { 'content-type': 'application/ld+json' });
    await project.put('n', '1', JSON_TYPE);
    await project.configure({ limits: { strict_json: true } });
    const merge = { 'content-type': 'application/merge-patch+json' };
    expect((await project.send('PATCH', 'values/j', { body: '{"b":[2]}', headers: merge })).status).to.equal(204);
    expect((await project.send('POST', 'store/n/increment')).status).to.equal(200);
    const touched = await project.send('POST', 'store/old/touch', { body: '{"ttl":100}', headers: JSON_TYPE });
    expect([touched.status, (await project.get('old')).text]).to.deep.equal([200, BROKEN]);
    await project.configure({ limits: { strict_json: false } });
    expect((await project.put('k', BROKEN, JSON_TYPE)).status).to.equal(201);
  });
});

onEveryEngine('The type of forms, which curl names for every value', (on) => {
  it('counts as none: the bytes decide, and the limits of the project see the type that is stored', async () => {
    const project = await on.project({ limits: { content_types: ['application/json', 'text/*'], strict_json: true } });
    const types = ['application/x-www-form-urlencoded', 'Application/X-WWW-Form-URLencoded; charset=UTF-8'];
    for (const type of types) {
      for (const [value, stored] of [
        ['hello', 'text/plain; charset=utf-8'],
        ['a=1&b=2', 'text/plain; charset=utf-8'],
        ['{"a":1', 'text/plain; charset=utf-8'],
        ['{"a":1}', 'application/json'],
        ['123', 'application/json'],
      ] as const) {
        for (const path of ['store/k', 'values/k', 'values?key=k']) {
          const { status } = await project.send('PUT', path, { body: value, headers: { 'content-type': type } });
          expect(status, `${path} ${value}`).to.be.below(300);
          const { headers, text } = await project.get('k');
          expect([headers['content-type'], text], `${path} ${value}`).to.deep.equal([stored, value]);
        }
      }
      await project.send('DELETE', 'store/log');
      await project.send('POST', 'store/log/append', { body: 'x', headers: { 'content-type': type } });
      expect((await project.get('log')).headers['content-type']).to.equal('text/plain; charset=utf-8');
    }
    const bytes = { body: Uint8Array.of(0xff), headers: { 'content-type': types[0] as string } };
    const refused = await project.send('PUT', 'values/k', bytes);
    expect([refused.status, refused.json.error.sent]).to.deep.equal([415, 'application/octet-stream']);
    for (const type of ['multipart/form-data; boundary=x', 'application/x-www-form-urlencodedx'])
      expect((await project.put('k', 'x', { 'content-type': type })).status, type).to.equal(415);
  });
});

/** An export of the key `k` with a JSON type, as another server may have written it. */
function exportOf(text: string): string {
  const header = { format: 'portkv-export', version: 1, project: 'p', created_at: 1 };
  const entry = { key: 'k', content_type: 'application/json', version: 'a', created_at: 1, updated_at: 1, text };
  const lines = `${JSON.stringify(header)}\n${JSON.stringify(entry)}\n`;
  return `${lines}${JSON.stringify({ count: 1, sha256: createHash('sha256').update(lines).digest('hex') })}\n`;
}
